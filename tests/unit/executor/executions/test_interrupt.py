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


BROKEN = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: bad, type: io.kestra.plugin.core.log.Log, message: bad, runIf: "{{ nothing }}"}
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
    errors: [{id: tell, type: io.kestra.plugin.core.log.Log, message: told}]
"""


def test_siblings_of_a_task_that_fails_as_it_begins_have_begun():
    rig = started(BROKEN)
    assert rig.states() == {
        "p": "RUNNING",
        "bad": "FAILED",
        "a": "FAILED",
        "b": "FAILED",
        "tell": "SUBMITTED",
    }
    rig.report("tell")
    assert rig.state() == "FAILED"
    rig.assert_rebuilds()


def test_siblings_of_a_task_that_fails_as_it_begins_are_awaited():
    rig = started(
        BROKEN.replace("tasks:\n      - {id: bad", "onChildFailure: CONTINUE\n    tasks:\n      - {id: bad")
    )
    assert rig.out() == ["a", "b", "tell"]
    for name in ("a", "b", "tell"):
        rig.report(name)
    assert rig.states() == {"p": "FAILED", "bad": "FAILED", "a": "SUCCESS", "b": "SUCCESS", "tell": "SUCCESS"}
    assert rig.state() == "FAILED"


def test_of_those_that_do_not_fit_at_once_none_begins_after_a_failure():
    rig = started(BROKEN.replace("Parallel\n", "Parallel\n    concurrent: 2\n    onChildFailure: CONTINUE\n"))
    assert rig.out() == ["a", "tell"]
    for name in ("a", "tell"):
        rig.report(name)
    assert rig.states() == {"p": "FAILED", "bad": "FAILED", "a": "SUCCESS", "tell": "SUCCESS"}


def test_tasks_of_a_dag_that_wait_for_no_other_have_begun():
    tasks = BROKEN.replace("flow.Parallel", "flow.Dag").replace("- {id: ", "- task: {id: ", 3)
    rig = started(tasks.replace("message: b}", "message: b}\n        dependsOn: [a]"))
    assert rig.states() == {"p": "RUNNING", "bad": "FAILED", "a": "FAILED", "tell": "SUBMITTED"}
