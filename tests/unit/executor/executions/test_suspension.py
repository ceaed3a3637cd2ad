"""Which task runs stop at a breakpoint."""

from tests.support.rig.executions import started

EACH = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [x, y]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
"""
SKIPPING = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ false }}"}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
afterExecution:
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""


def test_a_run_for_one_value_of_a_loop_stops():
    rig = started(EACH, breakpoints=["a.y"])
    rig.report("a[x]")
    assert rig.state() == "BREAKPOINT"
    assert [(run.value, run.state.value) for run in rig.seen().runs.values() if run.task_id == "a"] == [
        ("x", "SUCCESS"),
        ("y", "BREAKPOINT"),
    ]


def test_what_is_skipped_does_not_stop():
    rig = started(SKIPPING, breakpoints=["a"])
    assert rig.states() == {"a": "SKIPPED", "b": "SUBMITTED"}


def test_what_runs_after_the_end_does_not_stop():
    rig = started(SKIPPING, breakpoints=["after"])
    rig.report("b")
    assert rig.state() == "SUCCESS"
    assert rig.states()["after"] == "SUBMITTED"
