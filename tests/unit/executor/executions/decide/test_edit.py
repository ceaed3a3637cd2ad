"""Changes by hand of labels and of final states, of executions in memory and of ended ones."""

import msgspec
import pytest

from contracts.execution import EditExecution
from contracts.states import State
from tests.support.rig.executions import record_of, started
from tests.unit.executor.executions.flows import LINEAR


def ended():
    rig = started(LINEAR)
    rig.run_to_end()
    return rig


def edit(rig, *, with_record=True, **fields):
    record = msgspec.structs.replace(record_of(rig.seen(), rig.events_of("e1")), task_runs=[])
    fields |= {"record": record} if with_record else {}
    return rig.when(EditExecution(execution_id="e1", at=rig.now, **fields))


def test_labels_of_an_ended_execution_are_replaced_and_those_of_the_system_stay():
    rig = ended()
    edit(rig, labels={"a": "b", "system.x": "no"})
    assert rig.seen().labels == {"a": "b", "system.correlationId": "e1"}
    assert rig.state() == "SUCCESS"
    edit(rig, marks={"system.replayed": "true"})
    assert rig.seen().labels["system.replayed"] == "true"
    rig.assert_rebuilds()


def test_the_same_labels_change_nothing():
    rig = ended()
    assert edit(rig, labels={"team": "data"}).events == []


def test_a_final_state_becomes_another_one_together_with_labels():
    rig = ended()
    edit(rig, labels={"a": "b"}, state=State.WARNING)
    assert rig.state() == "WARNING"
    assert rig.seen().labels["a"] == "b"


@pytest.mark.parametrize("state", [State.RUNNING, State.SKIPPED, State.SUCCESS])
def test_no_other_state_is_given(state):
    assert edit(ended(), state=state).events == []


def test_the_state_of_what_runs_is_not_changed_but_its_labels_are():
    rig = started(LINEAR)
    edit(rig, with_record=False, labels={"a": "b"}, state=State.FAILED)
    assert rig.state() == "RUNNING"
    assert rig.seen().labels["a"] == "b"
    rig.assert_rebuilds()


def test_an_outdated_record_changes_nothing():
    rig = ended()
    old = record_of(rig.seen(), rig.events_of("e1"))
    edit(rig, state=State.FAILED)
    step = rig.when(EditExecution(execution_id="e1", at=rig.now, record=old, labels={"late": "x"}))
    assert step.events == []
