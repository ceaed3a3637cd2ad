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


def test_an_input_of_eleven_bytes_fails_its_execution_and_the_next_one_runs():
    """As a decimal number it has four billion digits. Printing it took 4.5 GB, and killed the executor again and again."""
    flow = """
    id: f
    namespace: tests
    inputs:
      - {id: n, type: STRING}
    tasks:
      - id: which
        type: io.kestra.plugin.core.flow.If
        condition: "{{ inputs.n | number('BIGDECIMAL') }}"
        then:
          - {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
    """
    rig = started(flow, inputs={"n": "1e4000000000"})
    assert rig.state() == "FAILED"
    assert any("more than 1000 digits" in line for line in rig.logs), rig.logs
    rig.start("f", "e2", inputs={"n": "7"})
    rig.report("a", outputs={"value": "a"})
    assert rig.state("e2") == "SUCCESS"
