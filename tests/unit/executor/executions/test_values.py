"""How the values of loops stand in the journal, in memory and in snapshots."""

import random
import tracemalloc
from typing import Any

import pytest

from contracts.codec import encode
from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.flowable.each import bounded
from contracts.language.types.span import Span
from contracts.topics import HARD_RECORD_BYTES
from services.executor.executions.event import FamilyOpened, LoopOpened, ValuesOpened
from services.executor.executions.machine import ExecutionMachine
from services.executor.executions.state import Group
from services.executor.executions.values import OLD_CHARS, PLAIN_CHARS, opened, read, size_of, written
from tests.support.rig.executions import ExecutionRig

EACH = """
id: f
namespace: tests
inputs: [{id: n, type: INT, required: false}, {id: list, type: JSON, required: false}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.TYPE
    PROPERTY: "VALUES"
    tasks:
      - {id: leaf, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
"""


def flow(values: str, kind: str = "ForEach") -> str:
    name = "value" if kind.startswith("Each") else "values"
    return EACH.replace("TYPE", kind).replace("PROPERTY", name).replace("VALUES", values)


LOOP = """
id: f
namespace: tests
inputs: [{id: n, type: INT}]
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 2
    tasks: [{id: leaf, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}]
"""


def size(step) -> int:
    return len(encode(step.events)) + sum(len(encode(out.message)) for out in step.outbox)


def opening_of(rig: ExecutionRig) -> list[Any]:
    kinds = LoopOpened | FamilyOpened | ValuesOpened
    return [event for step in rig.steps for event in step.events if isinstance(event, kinds)]


def group_of(rig: ExecutionRig) -> Group:
    (run,) = rig.machine.state.executions["e1"].root.runs.values()
    assert run.children is not None
    return run.children


def values_of(rig: ExecutionRig) -> list[str]:
    return [run.value for run in rig.seen().runs.values() if run.value is not None]


@pytest.mark.parametrize("kind", ["ForEach", "EachSequential", "EachParallel"])
def test_a_million_integers_open_with_as_little_as_three(kind):
    sizes, kept = [], []
    for count in (3, 1_000_000):
        rig = ExecutionRig(flow("{{ range(1, inputs.n) }}", kind))
        rig.start("f", inputs={"n": count})
        sizes.append(len(rig.journal) and len(encode(opening_of(rig))))
        kept.append(sum(map(len, rig.machine.dump())))
        rig.report("leaf[1]")
        if kind != "EachParallel":
            rig.report("leaf[2]")
            assert rig.out() == ["leaf[3]"]
    assert sizes[1] <= sizes[0] + 10
    if kind != "EachParallel":
        assert kept[1] <= kept[0] + 20


def test_opening_a_million_integers_makes_none_of_them():
    rig = ExecutionRig(flow("{{ range(1, inputs.n) }}"))
    rig.start("f", inputs={"n": 3})
    tracemalloc.start()
    rig.start("f", "e2", inputs={"n": 1_000_000})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("{{ range(1, 5) }}", ["1", "2", "3", "4", "5"]),
        (" {{ 5..3 }} ", ["5", "4", "3"]),
        ("{{ range(10, -5, 5) }}", ["10", "5", "0", "-5"]),
        ("{{ range(increment=2, start=1, end=inputs.n) }}", ["1", "3"]),
        ("{{ 'a'..'c' }}", ["a", "b", "c"]),
        ("{{ range(1, 2) | reverse }}", ["2", "1"]),
        ("{{ [1, 2] }}", ["1", "2"]),
    ],
)
def test_each_value_of_a_range_runs_once_in_its_order(values, expected):
    rig = ExecutionRig(flow(values))
    rig.start("f", inputs={"n": 4})
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert values_of(rig) == expected
    rig.assert_rebuilds()


def test_a_range_with_more_elements_than_allowed_fails_with_the_words_of_every_range():
    rig = ExecutionRig(flow("{{ range(1, inputs.n) }}"))
    rig.start("f", inputs={"n": 1_000_001})
    assert rig.state() == "FAILED"
    assert any("more than 1000000 elements" in line for line in rig.logs)


def test_a_loop_over_a_range_survives_a_crash_a_snapshot_and_a_restart():
    rig = ExecutionRig(flow("{{ range(1, inputs.n) }}"))
    rig.start("f", inputs={"n": 4})
    rig.report("leaf[1]")
    rig.restart()
    rig.report("leaf[2]")
    rig.restart(snapshot=True)
    rig.report("leaf[3]", "failed")
    assert rig.state() == "FAILED"
    rig.restart_execution()
    assert rig.out() == ["leaf[3]"]
    rig.restart(snapshot=True)
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert values_of(rig) == ["1", "2", "3", "4"]


def test_a_loop_of_executions_over_a_range_starts_one_for_each_and_survives_a_snapshot():
    rig = ExecutionRig(LOOP, in_place=True)
    rig.start("f", inputs={"n": 1_000_000})
    assert size(rig.steps[0]) < 10_000
    assert opening_of(rig)[0].span == Span(1, 1, 1_000_000, '["', '"]')
    rig.restart(snapshot=True)
    rig.restart()
    family = group_of(rig).family
    assert family is not None
    assert (len(family.values), family.begun) == (1_000_000, 2)


def test_many_values_are_packed_and_survive_a_crash_and_a_snapshot():
    rig = ExecutionRig(flow("{{ inputs.list }}"))
    names = [f"s3://bucket/2026/11/30/file-{number:06}.csv" for number in range(20_000)]
    rig.start("f", inputs={"list": names})
    rig.settle()
    (event,) = opening_of(rig)
    assert isinstance(event, ValuesOpened)
    assert len(encode(event)) < 200_000
    rig.report(f"leaf[{names[0]}]")
    for snapshot in (False, True):
        rig.restart(snapshot=snapshot)
        loop = group_of(rig).loop
        assert loop is not None
        assert list(loop.values) == names
    assert rig.out() == [f"leaf[{names[1]}]"]


def test_values_that_fit_no_record_even_when_packed_fail_with_what_to_do_instead():
    noise = random.Random(1)
    with pytest.raises(RenderingFailed, match=r"packed, but the limit is 450,000. Run over a range"):
        written([noise.randbytes(16).hex() for _ in range(31_000)], 3)


def test_more_characters_than_a_loop_may_have_fail_with_what_to_do_instead():
    with pytest.raises(RenderingFailed, match=r"have 1,000,001 characters, but the limit is 1,000,000"):
        bounded(["x" * 1_000_000, "y"])


def test_the_largest_packed_values_leave_room_in_a_record():
    noise = random.Random(1)
    values = [noise.randbytes(16).hex() for _ in range(22_500)]
    packed = written(values, 3)
    (event,) = opened("e1", "r1", packed, ["leaf"])
    assert isinstance(event, ValuesOpened)
    assert read(event) == values
    assert size_of(packed) <= len(encode(event)) < 0.75 * HARD_RECORD_BYTES


def test_while_older_replicas_are_there_values_are_written_as_they_read_them():
    rig = ExecutionRig(flow("{{ range(1, inputs.n) }}"), write_version=2)
    rig.start("f", inputs={"n": 30_000})
    events = opening_of(rig)
    assert {type(event) for event in events} == {LoopOpened}
    assert sum(len(event.values) for event in events) == 30_000
    new = ExecutionMachine(rig.flows)
    new.load(rig.machine.dump())
    assert sorted(new.dump()) == sorted(rig.machine.dump())
    with pytest.raises(RenderingFailed, match="executors of an older version"):
        written(Span(1, 1, OLD_CHARS), 2)


def test_a_few_values_stand_as_they_are():
    assert written(["a", "b"], 3) == ["a", "b"]
    assert isinstance(written(["x" * PLAIN_CHARS, "y"], 3), bytes)
