"""Further attempts of a task run."""

from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import RETRYING


def test_trace_b_retries_on_one_task_run_then_errors():
    rig = started(RETRYING)
    for attempt in (1, 2):
        rig.report("a", "failed")
        assert rig.state() == "RETRYING"
        assert rig.run("a").state == "RETRYING"
        rig.wait(9_999)
        assert rig.out() == []
        rig.wait(1)
        assert rig.state() == "RUNNING"
        assert rig.attempt("a").run.attempt == attempt + 1
        assert rig.attempt("a").run.variables["taskrun"]["attemptsCount"] == attempt
    rig.report("a", "failed")
    assert rig.out() == ["e"]
    rig.report("e")
    assert rig.state() == "FAILED"
    one = ["SUBMITTED", "RUNNING", "RETRYING"]
    assert [state.value for state in rig.run("a").histories] == [
        *one,
        *one,
        "SUBMITTED",
        "RUNNING",
        "FAILED",
    ]
    rig.assert_rebuilds()
