"""Which inputs of a partition are decided next."""

from __future__ import annotations

from contracts import codec
from contracts.codec import Codec
from tests.support.counter import Add
from toccata.runtime.fetch import Fetched
from toccata.runtime.processor.input import Offered, Source
from toccata.runtime.processor.lane import Backlog, take

BATCH = 500
ADDS: Codec[Add] = Codec(Add)


def a_source(name: str, urgency: int = 0, *, open_: bool = True) -> Source:
    return Source(name, ADDS, None if open_ else lambda _: False, urgency=urgency)


def a_backlog(count: int) -> Backlog:
    backlog = Backlog()
    value = codec.encode(Add(name="a", amount=1))
    backlog.extend([Fetched("t", 0, offset, 0, b"a", value, []) for offset in range(count)])
    return backlog


def by_source(taken: list[Offered]) -> dict[int, int]:
    return {
        source: sum(each.source == source for each in taken) for source in {each.source for each in taken}
    }


def test_a_flood_from_outside_does_not_delay_what_services_say() -> None:
    sources = [a_source("public"), a_source("ours", urgency=1)]
    flood, few = a_backlog(100_000), a_backlog(3)
    taken, held = take(sources, [flood, few], BATCH)
    assert [each.source for each in taken[:3]] == [1, 1, 1], "first, although it stands last"
    assert by_source(taken) == {0: BATCH - 3, 1: 3}
    assert (len(few), held) == (0, False)


def test_what_is_less_urgent_gets_the_rest_of_the_batch_in_order() -> None:
    sources = [a_source("public"), a_source("ours", urgency=1)]
    public, ours = a_backlog(BATCH), a_backlog(BATCH // 2)
    taken, _ = take(sources, [public, ours], BATCH)
    assert [each.source for each in taken] == [1] * (BATCH // 2) + [0] * (BATCH // 2)
    assert [each.offset for each in taken[BATCH // 2 :]] == list(range(BATCH // 2))


def test_nothing_starves_beside_what_is_more_urgent_and_never_ends() -> None:
    sources = [a_source("public"), a_source("ours", urgency=1), a_source("ends", urgency=2)]
    taken, _ = take(sources, [a_backlog(10_000), a_backlog(10_000), a_backlog(10_000)], BATCH)
    assert by_source(taken) == {0: BATCH // 20, 1: BATCH // 20, 2: BATCH * 9 // 10}
    assert [each.source for each in taken] == sorted((each.source for each in taken), reverse=True)

    (only,), _ = take(sources, [a_backlog(5), a_backlog(5), a_backlog(5)], 1)
    assert only.source == 2, "one input at a time: the most urgent one"


def test_among_equals_the_source_that_stands_first_goes_first() -> None:
    taken, _ = take([a_source("a"), a_source("b")], [a_backlog(1), a_backlog(1)], BATCH)
    assert [each.source for each in taken] == [0, 1]


def test_a_gate_holds_back_its_own_source_alone() -> None:
    sources = [a_source("a", urgency=1, open_=False), a_source("b")]
    queues = [a_backlog(2), a_backlog(2)]
    taken, held = take(sources, queues, BATCH)
    assert (by_source(taken), held, len(queues[0])) == ({1: 2}, True, 2)


def test_an_unreadable_input_passes_its_gate_so_that_it_is_buried() -> None:
    backlog = Backlog()
    backlog.extend([Fetched("t", 0, 7, 0, b"a", b"not json", [])])
    taken, held = take([a_source("a", open_=False)], [backlog], BATCH)
    assert ([each.offset for each in taken], held) == ([7], False)
