"""The effect of allowFailure and allowWarning on an outcome."""

from tests.support.rig.executions import started


def test_allow_failure_and_allow_warning_map_the_last_outcome():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, allowFailure: true}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b, allowFailure: true, allowWarning: true}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c, allowWarning: true}
    """
    rig = started(flow)
    rig.report("a", "failed")
    rig.report("b", "failed")
    rig.report("c", "warned")
    assert rig.states() == {"a": "WARNING", "b": "SUCCESS", "c": "SUCCESS"}
    assert rig.state() == "WARNING"
