"""Replays: of everything that failed, from a chosen task, with loops and branches."""

import pytest

from contracts.execution import Replay
from tests.support.rig.executions import record_of, started
from tests.unit.executor.executions.flows import CLEANING, LINEAR, loop

NESTED = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - id: s
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
      - id: p
        type: io.kestra.plugin.core.flow.Parallel
        tasks:
          - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
          - {id: d, type: io.kestra.plugin.core.log.Log, message: d}
      - {id: g, type: io.kestra.plugin.core.log.Log, message: g}
  - {id: z, type: io.kestra.plugin.core.log.Log, message: z}
finally:
  - {id: y, type: io.kestra.plugin.core.log.Log, message: y}
"""


def replayed(source, name, outcome=lambda _: "succeeded"):
    rig = started(source)
    rig.run_to_end(outcome)
    record = record_of(rig.seen(), rig.events_of("e1"))
    chosen = rig.run(name).id if name else None
    rig.start("f", "e2", replay=Replay(record=record, task_run_id=chosen), parent_id="e1", attempt_number=2)
    return rig


def test_a_replay_from_a_task_keeps_what_was_before_it():
    rig = replayed(LINEAR, "b")
    assert rig.states("e2") == {"a": "SUCCESS", "b": "SUBMITTED"}
    assert [state.value for state in rig.seen("e2").histories] == ["CREATED", "RESTARTED", "RUNNING"]
    assert not {run.id for run in rig.seen("e2").runs.values()} & {
        run.id for run in rig.seen("e1").runs.values()
    }
    rig.run_to_end()
    assert rig.state("e2") == rig.state("e1") == "SUCCESS"
    rig.assert_rebuilds()


@pytest.mark.parametrize(
    ("name", "kept", "out"),
    [
        ("a", [], ["a"]),
        ("s", ["a"], ["b"]),
        ("b", ["a"], ["b"]),
        ("c", ["a", "b", "d"], ["c"]),
        ("p", ["a", "b"], ["c", "d"]),
        ("z", ["a", "s", "b", "p", "c", "d", "g"], ["z"]),
    ],
)
def test_everything_after_the_chosen_task_runs_again(name, kept, out):
    rig = replayed(NESTED, name)
    assert [run for run, state in rig.states("e2").items() if state == "SUCCESS"] == kept
    assert rig.out() == out
    rig.run_to_end()
    assert rig.states("e2") == rig.states("e1")
    rig.assert_rebuilds()


def test_a_replay_within_a_serial_loop_repeats_the_later_values():
    rig = replayed(loop(1), "two[x]")
    assert rig.states("e2") == {"each": "RUNNING", "one[x]": "SUCCESS", "two[x]": "SUBMITTED"}
    rig.run_to_end()
    assert rig.state("e2") == "SUCCESS"
    assert rig.states("e2") == rig.states("e1")


def test_a_replay_within_a_parallel_loop_keeps_the_other_values():
    rig = replayed(loop(0), "one[x]")
    assert rig.states("e2") == {
        "each": "RUNNING",
        "one[x]": "SUBMITTED",
        "one[y]": "SUCCESS",
        "two[y]": "SUCCESS",
    }
    rig.run_to_end()
    assert rig.states("e2") == rig.states("e1")


def test_without_a_task_the_failed_ones_run_again():
    rig = replayed(CLEANING, "", lambda run: "failed" if run.task_id == "b" else "succeeded")
    assert rig.states("e2") == {"a": "SUCCESS", "b": "SUBMITTED"}


def test_an_incomplete_record_gives_a_visible_failure():
    rig = started(LINEAR)
    rig.run_to_end()
    record = record_of(rig.seen(), rig.events_of("e1"))
    record.task_runs[0].histories.clear()
    rig.start("f", "e2", replay=Replay(record=record))
    assert rig.state("e2") == "FAILED"
    assert "not complete" in rig.seen("e2").reason
