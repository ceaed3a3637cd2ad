"""Listeners run their tasks after the end, if their conditions hold for it."""

from tests.support.rig.executions import started

CONDITION = "io.kestra.plugin.core.condition"
FLOW = f"""
id: f
namespace: tests
tasks:
  - {{id: a, type: io.kestra.plugin.core.log.Log, message: a}}
listeners:
  - conditions: [{{type: {CONDITION}.ExecutionStatus, in: [FAILED]}}]
    tasks:
      - {{id: bad, type: io.kestra.plugin.core.log.Log, message: bad}}
      - {{id: worse, type: io.kestra.plugin.core.log.Log, message: worse}}
  - conditions: [{{type: {CONDITION}.Expression, expression: "{{{{ execution.state == 'SUCCESS' }}}}"}}]
    tasks: [{{id: good, type: io.kestra.plugin.core.log.Log, message: good}}]
  - conditions: [{{type: {CONDITION}.Expression, expression: "{{{{ missing.x }}}}"}}]
    tasks: [{{id: never, type: io.kestra.plugin.core.log.Log, message: never}}]
afterExecution:
  - {{id: after, type: io.kestra.plugin.core.log.Log, message: after}}
"""


def test_they_run_one_after_another_and_before_after_execution():
    rig = started(FLOW)
    rig.report("a", "failed")
    assert (rig.state(), rig.out()) == ("FAILED", ["bad"])
    rig.assert_rebuilds()
    rig.report("bad", "failed")
    assert rig.out() == ["worse"]
    rig.report("worse")
    assert rig.out() == ["after"]
    rig.report("after")
    assert (rig.state(), rig.machine.open) == ("FAILED", 0)
    assert set(rig.states()) == {"a", "bad", "worse", "after"}


def test_a_condition_sees_the_final_state_and_one_that_is_unclear_says_so():
    rig = started(FLOW)
    rig.report("a")
    assert rig.out() == ["good"]
    assert any("listener 3" in line and "missing" in line for line in rig.logs)


def test_a_flow_that_nobody_hears_is_over_at_once():
    rig = started(FLOW.split("afterExecution", maxsplit=1)[0].replace("'SUCCESS'", "'WARNING'"))
    rig.report("a")
    assert (rig.state(), rig.machine.open) == ("SUCCESS", 0)


def test_a_restart_forgets_their_runs():
    rig = started(FLOW)
    rig.report("a", "failed")
    rig.restart_execution()
    assert rig.states() == {"a": "SUBMITTED"}
    rig.report("a")
    assert rig.states() == {"a": "SUCCESS", "good": "SUBMITTED"}
    rig.assert_rebuilds()
