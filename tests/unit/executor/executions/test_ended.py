"""Ended executions are remembered within the window."""

from contracts.execution import ExecutionCreated, ExecutionEnded, StartExecution
from services.executor.executions.machine import ExecutionMachine
from tests.support.rig import BEGIN
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import WIDE


def test_ended_ids_are_known_for_the_window_and_survive_a_dump():
    hour = 3_600_000
    rig = ExecutionRig(WIDE, window_ms=2 * hour)
    for number in range(5):
        rig.start("f", f"e{number}", inputs={"values": "[]"})
        rig.now += hour
    loaded = ExecutionMachine(rig.flows, window_ms=2 * hour)
    loaded.load(rig.machine.dump())
    rig.machine = loaded
    assert rig.start("f", "e4", inputs={"values": "[]"}).events == []
    assert rig.start("f", "e3", inputs={"values": "[]"}).events == []
    old = StartExecution(execution_id="e0", namespace="tests", flow_id="f", at=BEGIN)
    again = rig.machine.step(
        old, rig.now
    )  # not taken: the projection knows numbers above 2, and drops these events
    assert [type(event) for event in again.events] == [ExecutionCreated, ExecutionEnded]
