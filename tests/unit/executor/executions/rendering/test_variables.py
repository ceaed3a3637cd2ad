"""The variables that attempts carry (docs/language/expressions.md#outputs)."""

import pytest

from contracts.execution import TriggerRef
from tests.support.rig.executions import ExecutionRig


def variables(message: str, *, variables: str = "{}", **start):
    flow = f"""
id: f
namespace: tests
variables: {variables}
inputs:
  - {{id: a, type: STRING, defaults: x}}
  - {{id: b, type: STRING, defaults: z}}
tasks:
  - {{id: t, type: io.kestra.plugin.core.log.Log, message: {message!r}}}
"""
    rig = ExecutionRig(flow, envs={"key": "value"}, global_variables={"g": 1})
    rig.start("f", **start)
    return rig.attempt("t").run.variables


ALWAYS = {"execution", "flow", "task", "taskrun"}


def test_without_expressions_only_what_is_always_there():
    assert set(variables("plain")) == ALWAYS


def test_only_the_entries_that_are_named():
    found = variables("{{ inputs.a }} {{ envs.key }} {{ globals.g }}")
    assert set(found) == ALWAYS | {"inputs", "envs", "globals"}
    assert found["inputs"] == {"a": "x"}
    assert found["envs"] == {"key": "value"}


def test_a_whole_variable_if_all_of_it_is_named():
    assert variables("{{ inputs }}")["inputs"] == {"a": "x", "b": "z"}


def test_rendered_variables_include_what_they_refer_to():
    found = variables("{{ render(vars.v) }}", variables="{v: '{{ inputs.b }}'}")
    assert found["vars"]["v"] == "{{ inputs.b }}"
    assert found["inputs"]["b"] == "z"


def test_the_trigger_has_its_variables():
    trigger = TriggerRef(id="s", type="io.kestra.plugin.core.trigger.Schedule", variables={"date": "d"})
    found = variables("{{ trigger.date }} {{ schedule.date }}", trigger=trigger)
    assert found["trigger"] == {"date": "d"}
    assert found["schedule"] == {"date": "d"}


def test_labels_are_nested_by_their_dots():
    assert variables("{{ labels.system.correlationId }}")["labels"] == {"system": {"correlationId": "e1"}}


SIBLINGS = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2, 3]
    concurrencyLimit: 0
    tasks:
      - {id: one, type: io.kestra.plugin.core.debug.Return, format: x}
      - {id: two, type: io.kestra.plugin.core.debug.Return, format: "TEXT"}
"""


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{{ outputs.one[taskrun.value].value }}", {"3"}),
        ("{{ currentEachOutput(outputs.one).value }}", {"3"}),
        ("{{ outputs.one['1'].value }} {{ outputs.one[taskrun.value].value }}", {"1", "2", "3"}),
        ("{{ outputs }} {{ outputs.one[taskrun.value].value }}", {"1", "2", "3"}),
    ],
)
def test_an_attempt_in_a_loop_carries_only_its_own_iteration_if_that_is_enough(text, keys):
    rig = ExecutionRig(SIBLINGS.replace("TEXT", text))
    rig.start("f")
    for value in ("1", "2", "3"):
        rig.report(f"one[{value}]", outputs={"value": value})
    assert set(rig.attempt("two[3]").run.variables["outputs"]["one"]) == keys
