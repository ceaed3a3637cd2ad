"""The execution ends RETRIED, and another one follows."""

from contracts.execution import StartExecution
from contracts.work import WithdrawAttempt
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import PARALLEL


def test_create_new_execution_ends_this_one_retried_and_starts_a_successor_at_the_date():
    retry = "retry: {type: constant, interval: PT1S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    rig = started(PARALLEL + retry)
    rig.report("a", "failed")
    assert rig.state() == "RETRIED"
    assert rig.states() == {"p": "RETRIED", "a": "RETRIED", "b": "KILLED"}
    assert [message.task_run_id for message in rig.sent(WithdrawAttempt)] == [rig.run("b").id]
    (successor,) = rig.sent(StartExecution)
    assert successor.attempt_number == 2
    assert successor.parent_id == successor.original_id == "e1"
    assert successor.scheduled_at == rig.now + 1000
    rig.attempts.clear()
    rig.when(successor)
    rig.wait(1000)
    rig.report("a", "failed")
    rig.report("b")
    assert rig.state(successor.execution_id) == "FAILED", "two executions were allowed"
    rig.assert_rebuilds()
