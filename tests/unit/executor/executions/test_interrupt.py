"""What is still open below a flowable ends at once, in steps of a bounded size."""

from contracts.work import WithdrawAttempt
from services.executor.executions.interrupt import ENDED_PER_STEP
from tests.support.rig.executions import started

FLOW = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    onChildFailure: CANCEL
    tasks:
      - {id: bad, type: io.kestra.plugin.core.log.Log, message: bad}
      - id: inner
        type: io.kestra.plugin.core.flow.Sequential
        tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}]
      - {id: wait, type: io.kestra.plugin.core.flow.Pause}
      - {id: again, type: io.kestra.plugin.core.log.Log, message: b, retry: {type: constant, interval: PT1M, maxAttempts: 3}}
"""


def test_what_runs_waits_or_is_to_be_retried_ends_in_the_given_state():
    rig = started(FLOW)
    rig.report("again", "failed")
    rig.report("bad", "failed")
    assert rig.states() == {
        "p": "FAILED",
        "bad": "FAILED",
        "inner": "CANCELLED",
        "a": "CANCELLED",
        "wait": "CANCELLED",
        "again": "CANCELLED",
    }
    assert [each.task_run_id for each in rig.sent(WithdrawAttempt)] == [rig.run("a").id]
    assert (rig.state(), rig.timers, rig.machine.open) == ("FAILED", {}, 0)
    rig.assert_rebuilds()


def test_many_open_runs_end_over_several_steps():
    many = "".join(
        f"      - {{id: t{n}, type: io.kestra.plugin.core.log.Log, message: t}}\n"
        for n in range(ENDED_PER_STEP + 50)
    )
    rig = started(FLOW.replace("CANCEL", "FAIL") + many)
    rig.settle()
    step = rig.report("bad", "failed")
    assert len(step.events) <= ENDED_PER_STEP + 10
    rig.settle()
    assert (rig.state(), set(rig.states().values())) == ("FAILED", {"FAILED"})
    rig.assert_rebuilds()
