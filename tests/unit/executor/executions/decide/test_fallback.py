"""A worker group without workers: the task waits, fails, or cancels the execution, as it says."""

from __future__ import annotations

from contracts.work import WithdrawAttempt
from tests.support.rig.executions import ExecutionRig, started

CORE = "io.kestra.plugin.core."
REASON = "worker group `gpu` has no worker"


def running(fallback: str, extra: str = "") -> ExecutionRig:
    return started(f"""
id: f
namespace: tests
tasks:
  - id: p
    type: {CORE}flow.Parallel
    onChildFailure: CONTINUE
    tasks:
      - {{id: a, type: {CORE}log.Log, message: a, workerGroup: {{key: gpu, fallback: {fallback}}}{extra}}}
      - {{id: b, type: {CORE}log.Log, message: b}}
""")


def test_fail_fails_the_task_run_and_a_retry_may_follow() -> None:
    rig = running("FAIL", ", retry: {type: constant, interval: PT5S, maxAttempts: 2}")
    rig.report("a", "failed", unserved=True, message=REASON)
    assert rig.states()["a"] == "RETRYING"
    rig.wait(6_000)
    rig.report("a", "failed", unserved=True, message=REASON)
    assert (rig.states()["a"], rig.run("a").message) == ("FAILED", REASON)
    rig.report("b")
    assert rig.state() == "FAILED"


def test_cancel_cancels_the_execution_and_stops_the_rest() -> None:
    rig = running("CANCEL")
    rig.report("a", "failed", unserved=True, message=REASON)
    assert rig.state() == "CANCELLED"
    assert rig.seen().reason == f"a: {REASON}"
    assert rig.states() == {"p": "KILLED", "a": "CANCELLED", "b": "KILLED"}
    assert [message.task_run_id for message in rig.sent(WithdrawAttempt)] == [rig.run("b").id]
    assert rig.machine.open == 0


def test_while_it_is_killed_nothing_is_cancelled() -> None:
    rig = running("CANCEL")
    rig.kill()
    rig.report("a", "failed", unserved=True, message=REASON)
    rig.report("b", "cancelled")
    assert rig.state() == "KILLED"


def test_a_condition_that_nobody_can_evaluate_fails_or_cancels_too() -> None:
    asked = ", runIf: \"{{ secret('X') }}\""
    rig = running("FAIL", asked)
    rig.answer("a", outcome="failed", unserved=True, message=REASON)
    assert REASON in rig.run("a").message
    rig = running("CANCEL", asked)
    rig.answer("a", outcome="failed", unserved=True, message=REASON)
    assert rig.state() == "CANCELLED"
