"""The expressions that a flow offers, by category."""

from __future__ import annotations

from services.web.core.view.expressions import expressions_of

FLOW = {
    "inputs": [{"id": "day", "type": "DATE"}, {"id": "db.port", "type": "INT"}],
    "variables": {"a": {"b": 1}, "my-var": 2},
    "labels": {"team": "x"},
    "tasks": [
        {"id": "one", "type": "x.Y"},
        {
            "id": "my-task",
            "type": "io.kestra.plugin.core.flow.Sequential",
            "tasks": [{"id": "inner", "type": "x.Y"}],
        },
        {"id": "two", "type": "x.Y"},
    ],
    "triggers": [{"id": "t", "type": "x.Y"}],
}


def test_all_that_can_be_read_is_named() -> None:
    found = expressions_of(FLOW)["categories"]
    assert found["inputs"] == ["inputs.day", "inputs.db.port"]
    assert found["outputs"] == ["outputs.one", "outputs['my-task']", "outputs.inner", "outputs.two"]
    assert found["vars"] == ["vars.a", "vars.a.b", "vars['my-var']"]
    assert found["labels"] == ["labels.team"]
    assert "trigger.id" in found["triggers"]
    assert "now()" in found["functions"]
    assert "upper" in found["filters"]


def test_a_task_sees_the_outputs_of_those_before_it() -> None:
    assert expressions_of(FLOW, "inner")["categories"]["outputs"] == ["outputs.one", "outputs['my-task']"]
    assert "taskrun.id" in expressions_of(FLOW, "one")["categories"]["task"]
    assert "outputs" not in expressions_of(FLOW, "one")["categories"]


def test_a_flow_that_is_not_valid_is_read_as_far_as_possible() -> None:
    found = expressions_of({"inputs": "no", "tasks": ["x", {"type": "y"}], "labels": [1], "variables": []})
    assert set(found["categories"]) == {"flow", "execution", "functions", "filters"}
