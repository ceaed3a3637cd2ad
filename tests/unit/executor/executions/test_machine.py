"""The entrance of executions: what it accepts, and the effect of a bug."""

from contracts.execution import StartExecution
from tests.support.rig import BEGIN
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_the_same_id_again_changes_nothing_before_and_after_its_end():
    rig = ExecutionRig(LINEAR)
    rig.start("f")
    assert rig.start("f").events == []
    rig.run_to_end()
    assert rig.start("f").events == []


def test_a_start_older_than_the_window_is_refused_and_counted():
    rig = ExecutionRig(LINEAR, window_ms=1000)
    assert rig.start("f", at=BEGIN - 1001).events == []
    assert rig.machine.refused == 1


def test_a_step_that_raised_fails_only_its_execution():
    rig = ExecutionRig(LINEAR)
    rig.start("f")
    rig.start("f", "e2")
    rig.when_it_raised(rig.outcome("a"), "Traceback: boom")
    assert sorted(each.state.value for each in rig.projection.executions.values()) == ["FAILED", "RUNNING"]
    assert any("Internal error: Traceback: boom" in line for line in rig.logs)
    start = StartExecution(execution_id="e3", namespace="tests", flow_id="f", at=rig.now)
    rig.when_it_raised(start, "boom")
    assert rig.state("e3") == "FAILED"
    rig.assert_rebuilds()
