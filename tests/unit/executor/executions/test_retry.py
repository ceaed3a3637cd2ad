"""Further attempts of a task run."""

from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import PARALLEL, RETRYING


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


def test_losses_do_not_count_against_the_policy():
    rig = started(RETRYING)
    rig.report("a", "lost")
    for _ in range(2):
        rig.report("a", "failed")
        rig.wait(10_000)
    assert rig.attempt("a").run.attempt == 4
    rig.report("a", "timed_out")
    assert rig.states()["a"] == "FAILED"


def test_no_retry_beyond_max_duration():
    flow = RETRYING.replace("maxAttempts: 3", "maxDuration: PT15S")
    rig = started(flow)
    rig.report("a", "failed")
    rig.wait(10_000)
    rig.report("a", "failed")
    assert rig.states()["a"] == "FAILED"


def test_the_nearest_policy_applies_from_the_flowable_and_the_flow():
    flow = PARALLEL.replace("concurrent: 2", "retry: {type: constant, interval: PT1S, maxAttempts: 2}")
    flow += "retry: {type: constant, interval: PT5S, maxAttempts: 2}\n"
    rig = started(flow)
    rig.report("a", "failed")
    assert sorted(rig.timers.values()) == [rig.now + 1000]
    assert rig.state() == "RUNNING", "others still run"
    rig.wait(1000)
    for name in ("a", "b", "c"):
        rig.report(name)
    rig.report("last", "failed")
    assert sorted(rig.timers.values()) == [rig.now + 5000]
    assert rig.state() == "RETRYING"
