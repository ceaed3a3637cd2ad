import pytest

from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
inputs: [{id: colour, type: STRING}]
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.Switch
    value: "{{ inputs.colour }}"
    cases:
      green: [{id: go, type: io.kestra.plugin.core.log.Log, message: go}]
      red: [{id: stop, type: io.kestra.plugin.core.log.Log, message: stop, disabled: true}]
    defaults: [{id: other, type: io.kestra.plugin.core.log.Log, message: other}]
"""


@pytest.mark.parametrize(
    ("colour", "tasks", "defaults"), [("green", ["go"], False), ("red", [], False), ("blue", ["other"], True)]
)
def test_the_case_that_equals_the_value_runs(colour, tasks, defaults):
    rig = started(SOURCE, inputs={"colour": colour})
    assert rig.out() == tasks
    assert rig.run("choose").outputs == {"value": colour, "defaults": defaults}
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_a_value_that_equals_no_case_fails_without_defaults():
    rig = started(SOURCE[: SOURCE.index("    defaults")], inputs={"colour": "blue"})
    assert rig.state() == "FAILED"
    assert "No case equals `blue`" in rig.run("choose").message
