"""Functions about the present run."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError, UndefinedVariable
from tests.support.expression import value_of

INNER = {"parents": [{"taskrun": {"value": "x"}}], "taskrun": {"value": "1"}}


def test_outputs_of_the_same_iteration_at_whatever_depth() -> None:
    outputs = {"pull": {"x": {"1": {"rows": 7}, "2": {"rows": 8}}}}
    assert value_of("currentEachOutput(outputs.pull).rows", outputs=outputs, **INNER) == 7
    assert value_of("currentEachOutput(outputs.pull)", outputs={"pull": {"rows": 9}}) == {"rows": 9}


def test_an_iteration_that_gave_no_outputs_is_named() -> None:
    with pytest.raises(UndefinedVariable, match="iteration `1`"):
        value_of("currentEachOutput(outputs.pull)", outputs={"pull": {"x": {}}}, **INNER)


def test_tasks_with_a_state_with_their_values_in_a_loop() -> None:
    tasks = {
        "a": {"state": "FAILED"},
        "b": {"state": "SUCCESS"},
        "c": {"1": {"state": "SUCCESS"}, "2": {"state": "FAILED"}},
    }
    assert value_of("tasksWithState('failed')", tasks=tasks) == [
        {"taskId": "a", "state": "FAILED"},
        {"taskId": "c", "value": "2", "state": "FAILED"},
    ]
    assert value_of("tasksWithState('FAILED')") == []


def test_outputs_of_the_nearest_parent_that_has_some() -> None:
    parents = [{"taskrun": {"value": "x"}}, {"outputs": {"n": 2}}, {"outputs": {"n": 1}}]
    assert value_of("parentOutput().n", parents=parents) == 2
    assert value_of("parentOutput(0).n", parents=parents) == 1, "the outermost is 0"
    assert value_of("parentOutput(1).n", parents=parents) == 2


def test_parents_without_outputs() -> None:
    with pytest.raises(UndefinedVariable, match="no parent with outputs"):
        value_of("parentOutput()", parents=[{"taskrun": {"value": "x"}}])
    with pytest.raises(ExpressionError, match="there are 1 parents"):
        value_of("parentOutput(5)", parents=[{"outputs": {"n": 1}}])


def test_one_output_of_every_iteration() -> None:
    items = [{"outputs": {"n": 1}}, {"outputs": None}, {"outputs": {"m": 2}}]
    assert value_of("loopOutputs(items, 'n')", items=items) == [1, None, None]


SUMS = {"task": {"id": "sum"}, "taskrun": {"value": "b", "iteration": 1}}


def test_the_output_of_another_iteration_of_the_same_loop() -> None:
    outputs = {
        "sum": {"a": {"value": "1"}},
        "pull": {"a": {"value": "x"}, "b": {"value": "y"}},
        "bare": {"a": {}},
    }
    assert value_of("iterationOutput()", outputs=outputs, **SUMS) == "1"
    assert value_of("iterationOutput(null, null)", outputs=outputs, **SUMS) == "1"
    assert value_of("iterationOutput('pull', 1)", outputs=outputs, **SUMS) == "y"
    assert value_of("iterationOutput('bare', 0)", outputs=outputs, **SUMS) is None
    assert value_of("iterationOutput('missing')", outputs=outputs, **SUMS) is None


def test_the_output_of_another_iteration_is_that_of_the_same_outer_one() -> None:
    inner = {**SUMS, "parents": [{"taskrun": {"value": "x"}}, {"outputs": {}}, {"taskrun": {"value": "o"}}]}
    outputs = {"sum": {"o": {"x": {"a": {"value": "ox"}}, "y": {"a": {"value": "oy"}}}}}
    assert value_of("iterationOutput()", outputs=outputs, **inner) == "ox"


@pytest.mark.parametrize(
    ("expression", "variables", "says"),
    [
        ("iterationOutput()", {"taskrun": {"id": "x"}}, "within a loop"),
        ("iterationOutput()", {"taskrun": {"iteration": 0}, "task": {"id": "sum"}}, "no iteration -1"),
        (
            "iterationOutput('sum', 5)",
            {**SUMS, "outputs": {"sum": {"a": {}}}},
            "iteration 5 has no outputs yet",
        ),
        ("iterationOutput('sum', 'x')", SUMS, "iterationOutput"),
    ],
)
def test_an_iteration_that_there_is_not_says_so(
    expression: str, variables: dict[str, object], says: str
) -> None:
    with pytest.raises(ExpressionError, match=says):
        value_of(expression, **variables)


def test_the_newer_name_gives_the_same() -> None:
    assert value_of("currentOutput(outputs.pull)", outputs={"pull": {"x": {"1": {"rows": 7}}}}, **INNER) == {
        "rows": 7
    }
