"""The inputs of a start, typed."""

from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_inputs_that_do_not_fit_fail_the_execution_with_the_reason():
    flow = LINEAR + "inputs:\n  - {id: n, type: INT}\n"
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"n": "many"})
    assert rig.state() == "FAILED"
    assert "n" in rig.seen().reason
    assert rig.logs
    rig.start("f", "e2", inputs={"n": "7"})
    assert rig.seen("e2").inputs == {"n": 7}
