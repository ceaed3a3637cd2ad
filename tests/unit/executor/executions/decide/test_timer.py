"""Timers that are due."""

from contracts.machine import TimerDue
from tests.support.rig import BEGIN
from tests.support.rig.executions import ExecutionRig, started
from tests.unit.executor.executions.flows import LINEAR, WIDE


def test_a_scheduled_start_waits_for_its_date():
    rig = ExecutionRig(LINEAR)
    rig.start("f", scheduled_at=BEGIN + 5000)
    assert rig.state() == "CREATED"
    rig.wait(4999)
    assert rig.state() == "CREATED"
    rig.wait(1)
    assert rig.states() == {"a": "SUBMITTED"}


def test_a_continuation_that_comes_again_or_late_does_nothing():
    rig = started(WIDE, inputs={"values": str(list(range(60)))})
    (name,) = rig.timers
    rig.settle()
    assert rig.when(TimerDue(name, rig.now)).events == []
    rig.run_to_end()
    assert rig.when(TimerDue(name, rig.now)).events == []
