"""A task run begins, is skipped, or fails before it runs."""

from base64 import b85encode
from random import Random

from tests.support.rig.executions import ExecutionRig, started
from tests.unit.executor.executions.flows import WIDE


def test_run_if_false_skips_and_an_error_in_it_fails():
    flow = """
    id: f
    namespace: tests
    inputs:
      - {id: on, type: BOOLEAN, defaults: false}
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ inputs.on }}"}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b, runIf: "{{ inputs.on == false }}"}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c, runIf: "{{ nowhere.at.all }}"}
    """
    rig = started(flow)
    assert rig.states() == {"a": "SKIPPED", "b": "SUBMITTED"}
    rig.report("b")
    assert rig.states() == {"a": "SKIPPED", "b": "SUCCESS", "c": "FAILED"}
    assert rig.state() == "FAILED"
    assert rig.logs
    rig.assert_rebuilds()


def test_values_that_are_too_many_fail_the_loop():
    rig = ExecutionRig(WIDE)
    chance = Random(1)  # what it makes cannot be packed well
    rig.start("f", inputs={"values": [b85encode(chance.randbytes(80)).decode() for _ in range(6_000)]})
    rig.settle()
    assert "the limit is 450,000" in rig.run("each").message
    assert rig.state() == "FAILED"
