"""Deletion of ended executions. What is open, or changed since it was read, stays."""

import msgspec
import pytest

from contracts.execution import DeleteExecution, EditExecution, ExecutionDeleted
from contracts.states import State
from contracts.telemetry import LogsDeleted, MetricsDeleted
from tests.support.rig.executions import record_of, started
from tests.unit.executor.executions.flows import LINEAR


def ended():
    rig = started(LINEAR)
    rig.run_to_end()
    return rig


def record(rig):
    return msgspec.structs.replace(record_of(rig.seen(), rig.events_of("e1")), task_runs=[])


def delete(rig, read, **fields):
    return rig.when(DeleteExecution(execution_id="e1", at=rig.now, record=read, **fields))


@pytest.mark.parametrize(
    ("fields", "owed"),
    [
        ({}, [LogsDeleted, MetricsDeleted]),
        ({"logs": False}, [MetricsDeleted]),
        ({"metrics": False}, [LogsDeleted]),
        ({"logs": False, "metrics": False}, []),
    ],
)
def test_a_deletion_is_the_next_event_and_goes_behind_the_logs_and_metrics(fields, owed):
    rig = ended()
    last = rig.seen().seq
    step = delete(rig, record(rig), **fields)
    assert [(type(event), event.seq) for event in step.events] == [(ExecutionDeleted, last + 1)]
    assert [type(out.message) for out in step.outbox] == owed
    assert {out.key for out in step.outbox} <= {"e1"}
    assert {out.topic for out in step.outbox} <= {"attempts.logs", "attempts.metrics"}
    rig.assert_rebuilds()


def test_an_open_execution_stays():
    rig = started(LINEAR)
    assert delete(rig, record(rig)).events == []
    forged = msgspec.structs.replace(
        record(rig), histories=[*record(rig).histories, (State.SUCCESS, rig.now)]
    )
    assert delete(rig, msgspec.convert(msgspec.to_builtins(forged), type(forged))).events == []


def test_one_that_changed_since_it_was_read_stays():
    rig = ended()
    old = record(rig)
    rig.when(EditExecution(execution_id="e1", at=rig.now, record=old, state=State.FAILED))
    assert delete(rig, old).events == []


def test_a_second_deletion_and_a_late_restart_find_nothing():
    rig = ended()
    old = record_of(rig.seen(), rig.events_of("e1"))
    delete(rig, record(rig))
    assert delete(rig, old).events == []
    assert rig.when(EditExecution(execution_id="e1", at=rig.now, record=old, labels={"a": "b"})).events == []


def test_without_a_record_nothing_happens():
    assert delete(ended(), None).events == []
