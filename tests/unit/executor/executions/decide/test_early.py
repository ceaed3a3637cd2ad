"""Kills that are read before their start."""

from contracts.execution import KillExecution
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_a_kill_read_before_its_start_applies_when_the_start_comes():
    rig = ExecutionRig(LINEAR)
    assert rig.kill().events != []
    assert rig.kill().events == []
    rig.wait(59_000)
    rig.assert_rebuilds()
    rig.start("f")
    assert rig.state() == "KILLED"
    assert rig.timers == {}


def test_a_kill_whose_start_does_not_come_is_forgotten():
    rig = ExecutionRig(LINEAR)
    rig.kill()
    rig.wait(60_000)
    assert rig.timers == {}
    rig.start("f")
    assert rig.state() == "RUNNING"


def test_the_number_of_remembered_kills_is_bounded():
    rig = ExecutionRig(LINEAR)
    for number in range(10_000):
        rig.machine.step(KillExecution(execution_id=str(number), at=rig.now), rig.now)
    assert rig.kill().events == []
