from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.address import ReplyTo
from contracts.work import AttemptKey, HeldAttempt, LeaseRef, RunAttempt, StopAttempt
from services.worker.core import admission as module
from services.worker.core.admission import (
    Admission,
    Begin,
    Cancel,
    GiveBack,
    SayCancelled,
    SayEnded,
)
from services.worker.core.attempt import PHASE_MOVES, Phase, key_of
from tests.support.attempt import a_run


def run(number: int) -> RunAttempt:
    return a_run("type", number=number)


def stop(number: int) -> StopAttempt:
    return StopAttempt(execution_id="e1", task_run_id=f"tr{number}", attempt=1)


def wire(number: int) -> AttemptKey:
    return AttemptKey(f"tr{number}", 1)


def test_a_light_attempt_begins_as_it_comes() -> None:
    desk = Admission(heavy_places=1)
    assert desk.take(run(1), heavy=False) == Begin(run(1))
    assert desk.take(run(2), heavy=False) == Begin(run(2))


def test_the_same_attempt_again_is_passed_over_while_it_is_here() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=False)
    assert desk.take(run(1), heavy=False) is None
    desk.end(key_of(run(1)))
    assert desk.take(run(1), heavy=False) is None


def test_a_repeated_attempt_after_its_end_is_reported_as_ended_and_does_not_run_again() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=False)
    desk.end(key_of(run(1)))
    desk.reported(key_of(run(1)))
    assert desk.take(run(1), heavy=False) == SayEnded(wire(1))
    assert desk.held() == []


def test_heavy_attempts_wait_for_a_place_in_order() -> None:
    desk = Admission(heavy_places=1)
    assert desk.take(run(1), heavy=True) == Begin(run(1))
    assert desk.take(run(2), heavy=True) is None
    assert desk.take(run(3), heavy=True) is None
    assert desk.take(run(4), heavy=False) == Begin(run(4))
    assert desk.held() == [wire(1), wire(2), wire(3), wire(4)]
    assert desk.end(key_of(run(4))) == []
    assert desk.end(key_of(run(1))) == [Begin(run(2))]
    assert desk.end(key_of(run(2))) == [Begin(run(3))]


def test_an_ended_attempt_is_held_until_its_outcome_is_acknowledged() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=False)
    desk.end(key_of(run(1)))
    assert desk.held() == [wire(1)]
    assert desk.running == 0
    desk.reported(key_of(run(1)))
    assert desk.held() == []


def test_a_kill_stops_what_runs_once() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=False)
    assert desk.stop(stop(1)) == Cancel(key_of(run(1)))
    assert desk.stop(stop(1)) is None
    desk.end(key_of(run(1)))
    assert desk.stop(stop(1)) is None


def test_a_kill_of_a_waiting_attempt_is_answered_and_it_never_begins() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=True)
    desk.take(run(2), heavy=True)
    assert desk.stop(stop(2)) == SayCancelled(ReplyTo("executions.reports", "e1"), "e1", "tr2", 1)
    assert desk.held() == [wire(1), wire(2)]
    assert desk.end(key_of(run(1))) == []
    desk.reported(key_of(run(2)))
    assert desk.take(run(2), heavy=True) == SayEnded(wire(2))


def test_a_kill_of_a_stranger_is_answered_and_remembered() -> None:
    desk = Admission(heavy_places=1)
    assert desk.stop(stop(9)) == SayCancelled(ReplyTo("executions.reports", "e1"), "e1", "tr9", 1)
    desk.reported(key_of(run(9)))
    assert desk.take(run(9), heavy=False) == SayEnded(wire(9))
    assert desk.stop(stop(9)) == SayEnded(wire(9))


def test_draining_gives_back_attempts_that_have_not_begun_or_arrive_later() -> None:
    desk = Admission(heavy_places=1)
    desk.take(run(1), heavy=True)
    desk.take(run(2), heavy=True)
    assert desk.drain() == [wire(2)]
    assert desk.held() == [wire(1)]
    assert desk.take(run(3), heavy=False) == GiveBack(wire(3))
    assert desk.end(key_of(run(1))) == []


def test_the_memory_of_ended_attempts_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    desk = Admission(heavy_places=1)
    for number in (1, 2, 3):
        desk.take(run(number), heavy=False)
        desk.end(key_of(run(number)))
        desk.reported(key_of(run(number)))
    assert desk.take(run(1), heavy=False) == Begin(run(1))
    assert desk.take(run(3), heavy=False) == SayEnded(wire(3))


def test_every_phase_leads_to_the_report() -> None:
    for phase in Phase:
        seen, todo = set(), [phase]
        while todo:
            here = todo.pop()
            seen.add(here)
            todo += [after for after in PHASE_MOVES[here] if after not in seen]
        assert Phase.REPORTING in seen


MOVES = st.lists(
    st.tuples(st.sampled_from(["take", "heavy", "stop", "end", "report", "drain"]), st.integers(1, 6)),
    max_size=60,
)


@given(MOVES, st.integers(1, 3))
def test_whatever_comes_an_attempt_begins_once_and_places_are_never_exceeded(
    moves: list[tuple[str, int]], places: int
) -> None:
    desk = Admission(places)
    begun: Counter[int] = Counter()
    running: dict[int, bool] = {}
    reporting: set[int] = set()

    def begin(number: int, *, heavy: bool) -> None:
        begun[number] += 1
        running[number] = heavy

    for move, number in moves:
        heavy = number % 2 == 0
        if move in ("take", "heavy"):
            if isinstance(desk.take(run(number), heavy=heavy), Begin):
                begin(number, heavy=heavy)
        elif move == "stop":
            answer = desk.stop(stop(number))
            if isinstance(answer, SayCancelled):
                assert number not in running
                reporting.add(number)
            if isinstance(answer, Cancel):
                assert number in running
        elif move == "end" and number in running:
            del running[number]
            reporting.add(number)
            for each in desk.end(key_of(run(number))):
                begin(int(each.run.task_run_id[2:]), heavy=True)
        elif move == "report" and number in reporting:
            reporting.discard(number)
            desk.reported(key_of(run(number)))
        elif move == "drain":
            desk.drain()
        assert sum(running.values()) <= places
        assert max(begun.values(), default=0) <= 1
        assert {wire(each) for each in running} <= set(desk.held())
        assert desk.running == len(running)


def leased(number: int, session: str = "s1") -> RunAttempt:
    return replace(run(number), lease=LeaseRef(4, session))


def in_session(name: str = "s1", heavy_places: int = 1) -> Admission:
    desk = Admission(heavy_places)
    desk.session = name
    return desk


def test_an_attempt_under_a_lease_begins_in_its_session_only() -> None:
    desk = in_session("s1")
    assert desk.take(leased(1), heavy=False) == Begin(leased(1))
    desk.session = "s2"
    assert desk.take(leased(2), heavy=False) is None
    assert desk.take(leased(3, "s2"), heavy=False) == Begin(leased(3, "s2"))


def test_what_runs_under_leases_is_told_apart_from_what_dispatch_handed_out() -> None:
    desk = in_session()
    desk.take(run(1), heavy=False)
    desk.take(leased(2), heavy=False)
    assert desk.held() == [wire(1)]
    assert desk.held_under_leases() == [HeldAttempt(4, "e1", "tr2", 1)]
    desk.end(key_of(run(2)))
    assert desk.held_under_leases() == [HeldAttempt(4, "e1", "tr2", 1)], "its end is not acknowledged"
    desk.reported(key_of(run(2)))
    assert desk.held_under_leases() == []
    assert desk.take(leased(2), heavy=False) is None, "its sender has its report"


def test_a_draining_worker_begins_nothing_under_leases_and_gives_none_of_it_back() -> None:
    desk = in_session()
    desk.take(run(1), heavy=True)
    desk.take(run(2), heavy=True)
    desk.take(leased(3), heavy=True)
    assert desk.drain() == [wire(2)]
    assert desk.held_under_leases() == []
    assert desk.take(leased(4), heavy=False) is None
    assert desk.take(run(5), heavy=False) == GiveBack(wire(5))


def test_an_attempt_under_a_lease_is_stopped_like_any_other() -> None:
    desk = in_session()
    desk.take(leased(1), heavy=False)
    assert desk.stop(stop(1)) == Cancel(key_of(run(1)))
