from contracts.work import WithdrawAttempt
from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
tasks:
  - id: dag
    type: io.kestra.plugin.core.flow.Dag
    CONCURRENT
    tasks:
      - {task: {id: c, type: io.kestra.plugin.core.log.Log, message: c}, dependsOn: [a, b, gone]}
      - {task: {id: a, type: io.kestra.plugin.core.log.Log, message: a}}
      - {task: {id: b, type: io.kestra.plugin.core.log.Log, message: b}}
      - {task: {id: gone, type: io.kestra.plugin.core.log.Log, message: d, disabled: true}}
"""


def test_a_task_begins_when_all_that_it_depends_on_have_ended():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 0"))
    assert rig.out() == ["a", "b"]
    rig.report("b")
    assert rig.out() == ["a"]
    rig.report("a", "warned")
    assert rig.out() == ["c"]
    rig.report("c")
    assert rig.state() == "WARNING"
    rig.assert_rebuilds()


def test_not_more_than_concurrent_tasks_run():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 1"))
    assert rig.out() == ["a"]
    rig.report("a")
    assert rig.out() == ["b"]


def test_after_a_failure_what_runs_is_stopped():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 0"))
    rig.report("a", "failed")
    assert rig.states() == {"dag": "FAILED", "a": "FAILED", "b": "FAILED"}
    assert [each.task_run_id for each in rig.sent(WithdrawAttempt)] == [rig.run("b").id]


def test_after_a_failure_nothing_begins():
    rig = started(SOURCE.replace("CONCURRENT", "onChildFailure: CONTINUE"))
    rig.report("a", "failed")
    rig.report("b")
    assert rig.states() == {"dag": "FAILED", "a": "FAILED", "b": "SUCCESS"}
