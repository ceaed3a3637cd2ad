"""The outputs of a flow, typed as it ends."""

from tests.support.rig.executions import started


def test_flow_outputs_are_typed_at_the_end_and_a_broken_one_fails_the_execution():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
    outputs:
      - {id: number, type: INT, value: "{{ outputs.a.value }}"}
    """
    rig = started(flow)
    rig.report("a", outputs={"value": "42"})
    assert (rig.state(), rig.seen().outputs) == ("SUCCESS", {"number": 42})
    rig.start("f", "e2")
    rig.report("a", outputs={"value": "many"})
    assert rig.state("e2") == "FAILED"
    assert any("Failed to render output values" in line for line in rig.logs)
    rig.restart_execution("e2")
    assert rig.seen("e2").histories[-2:] == ["RUNNING", "FAILED"]


def test_an_output_whose_items_have_an_unknown_type_fails_the_execution_and_nothing_else():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
    outputs:
      - {id: numbers, type: ARRAY, itemType: NUMBER, value: "[1]"}
    """
    rig = started(flow)
    rig.report("a", outputs={"value": "a"})
    assert rig.state() == "FAILED"
    assert any("`NUMBER` is no type of items" in line for line in rig.logs)
