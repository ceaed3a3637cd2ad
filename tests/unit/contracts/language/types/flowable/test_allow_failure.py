from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
tasks:
  - id: may
    type: io.kestra.plugin.core.flow.AllowFailure
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
    errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: e}]
  - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
"""


def test_a_failure_inside_is_a_warning_outside_and_errors_run():
    rig = started(SOURCE)
    rig.report("a", "failed")
    assert rig.out() == ["e"]
    rig.report("e")
    rig.report("c")
    assert rig.states() == {"may": "WARNING", "a": "FAILED", "e": "SUCCESS", "c": "SUCCESS"}
    assert rig.state() == "WARNING"


def test_with_allow_warning_it_is_a_success():
    rig = started(SOURCE.replace("AllowFailure", "AllowFailure\n    allowWarning: true"))
    rig.report("a", "failed")
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
