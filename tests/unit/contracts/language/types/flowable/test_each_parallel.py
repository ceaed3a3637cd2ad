from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.EachParallel
    value: '["x","y"]'
    CONCURRENT
    tasks:
      - {id: one, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: two, type: io.kestra.plugin.core.log.Log, message: b}
"""


def test_all_tasks_of_all_values_run_at_once():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 0"))
    assert rig.out() == ["one[x]", "two[x]", "one[y]", "two[y]"]
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


def test_not_more_than_concurrent_tasks_run():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 3"))
    assert rig.out() == ["one[x]", "two[x]", "one[y]"]
    rig.report("two[x]")
    assert rig.out() == ["one[x]", "one[y]", "two[y]"]


def test_after_a_failure_nothing_begins_and_a_restart_goes_on():
    rig = started(SOURCE.replace("CONCURRENT", "concurrent: 1"))
    rig.report("one[x]", "failed")
    assert rig.state() == "FAILED"
    rig.restart_execution()
    assert rig.out() == ["one[x]"]
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert len(rig.states()) == 5
