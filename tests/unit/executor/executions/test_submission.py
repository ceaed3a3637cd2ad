"""The payload of an attempt has a limit."""

from tests.support.rig.executions import ExecutionRig


def test_an_attempt_whose_variables_are_too_large_fails_with_a_reason():
    flow = """
    id: f
    namespace: tests
    inputs: [{id: text, type: STRING}]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.text }}"}
    """
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"text": "x" * 600_000})
    rig.settle()
    assert "too large to be sent" in rig.run("a").message
    assert rig.state() == "FAILED"
