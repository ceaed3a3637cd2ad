"""An execution as a restart carries it: everything that the core keeps is written, and read back."""

from __future__ import annotations

from contracts.states import State
from services.executor.executions.record import execution_of, record_of
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import CLEANING, LINEAR


def test_a_record_has_states_attempts_and_outputs() -> None:
    rig = started(LINEAR, labels={"who": "me"})
    rig.report("a", outputs={"value": 1})
    rig.report("b", "lost")

    record = record_of(rig.machine.state.executions["e1"])

    assert (record.id, record.namespace, record.flow_id, record.revision) == ("e1", "tests", "f", 1)
    assert [history.state for history in record.histories] == [State.CREATED, State.RUNNING]
    assert record.labels["who"] == "me"
    a, b = record.task_runs
    assert (a.task_id, a.histories[-1].state, a.outputs) == ("a", State.SUCCESS, {"value": 1})
    assert [attempt.number for attempt in b.attempts] == [1, 2]


def test_a_written_record_is_read_back() -> None:
    rig = started(CLEANING)
    rig.report("a")
    rig.report("b", "failed")
    told = record_of(rig.machine.state.executions["e1"])

    execution = execution_of(told)

    assert record_of(execution) == told
    assert execution.seq == told.seq
    assert execution.root.open == sum(1 for run in execution.runs.values() if not run.ended)
