"""Listeners: what they must look like, and the conditions under which their tasks run."""

import pytest

from contracts.language.flow.listener import ConditionUnclear, Ended
from contracts.language.flow.parse import parse_flow
from contracts.states import State
from tests.unit.contracts.language.flow.catalog_of_types import FewTypes

FLOW = """id: f
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
listeners:
  - description: on some ends
    conditions: CONDITIONS
    tasks:
      - {id: heard, type: io.kestra.plugin.core.log.Log, message: heard}
"""
CONDITION = "io.kestra.plugin.core.condition."

SUCCESS = f"{{type: {CONDITION}ExecutionStatus, in: [SUCCESS]}}"
LABELLED = f"{{type: {CONDITION}ExecutionLabels, labels: {{x: y}}}}"
EITHER = f"{{type: {CONDITION}Or, conditions: [{SUCCESS}, {LABELLED}]}}"


def parsed(conditions):
    return parse_flow(FLOW.replace("CONDITIONS", conditions), FewTypes())


def ended(state=State.FAILED, render=lambda text: text):
    return Ended("company.team", "f", state, {"team": "bi", "x": "y"}, render)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (f"{{type: {CONDITION}ExecutionStatus, in: [FAILED, KILLED]}}", True),
        (f"{{type: {CONDITION}ExecutionStatus, in: [success]}}", False),
        (f"{{type: {CONDITION}ExecutionStatus, notIn: [FAILED]}}", False),
        (f"{{type: {CONDITION}ExecutionStatus, in: [FAILED], notIn: [SUCCESS]}}", True),
        ("{type: io.kestra.core.models.conditions.types.ExecutionStatusCondition, in: [FAILED]}", True),
        (f"{{type: {CONDITION}ExecutionFlow, namespace: company.team, flowId: f}}", True),
        (f"{{type: {CONDITION}FlowCondition, namespace: company.team, flowId: g}}", False),
        (f"{{type: {CONDITION}ExecutionNamespace, namespace: company}}", False),
        (f"{{type: {CONDITION}ExecutionNamespace, namespace: company, prefix: true}}", True),
        (f"{{type: {CONDITION}ExecutionNamespace, namespace: team, comparison: SUFFIX}}", True),
        (f"{{type: {CONDITION}ExecutionLabels, labels: {{team: bi}}}}", True),
        (f"{{type: {CONDITION}ExecutionLabels, labels: [{{key: team, value: hr}}]}}", False),
        (f"{{type: {CONDITION}Expression, expression: ' false '}}", False),
        ("{type: io.kestra.core.models.conditions.types.VariableCondition, expression: yes!}", True),
        (
            f"{{type: {CONDITION}Not, conditions: [{{type: {CONDITION}ExecutionStatus, in: [SUCCESS]}}]}}",
            True,
        ),
        (EITHER, True),
    ],
)
def test_a_condition_says_whether_the_tasks_run(condition, holds):
    flow = parsed(f"[{condition}]").flow
    assert flow is not None
    (listener,) = flow.hearing
    assert listener.hears(ended()) is holds


def test_all_conditions_must_hold_and_without_any_the_tasks_always_run():
    both = f"[{{type: {CONDITION}ExecutionStatus, in: [FAILED]}}, {{type: {CONDITION}ExecutionLabels, labels: {{a: b}}}}]"
    found = parsed(both).flow
    assert found is not None
    assert not found.hearing[0].hears(ended())
    none = parsed("[]").flow
    assert none is not None
    assert none.hearing[0].hears(ended())
    assert [task.id for task in none.hearing[0].tasks] == ["heard"]


def test_an_expression_that_cannot_be_rendered_leaves_it_unclear():
    def fails(text):
        raise ConditionUnclear(text)

    flow = parsed(f"[{{type: {CONDITION}Expression, expression: x}}]").flow
    assert flow is not None
    with pytest.raises(ConditionUnclear):
        flow.hearing[0].hears(ended(render=fails))


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ("[{type: nothing.Known}]", "listeners[0].conditions[0].type", "Invalid type: nothing.Known"),
        (
            f"[{{type: {CONDITION}ExecutionStatus, in: [ENDED]}}]",
            "listeners[0].conditions[0].in[0]",
            "must be one of",
        ),
        (
            f"[{{type: {CONDITION}Or, conditions: []}}]",
            "listeners[0].conditions[0].conditions",
            "must not be empty",
        ),
        (
            f"[{{type: {CONDITION}ExecutionFlow, flowId: f}}]",
            "listeners[0].conditions[0].namespace",
            "must not be null",
        ),
        (
            f"[{{type: {CONDITION}Not, conditions: [{{type: x}}]}}]",
            "listeners[0].conditions[0].conditions[0].type",
            "Invalid type: x",
        ),
        (
            f"[{{type: {CONDITION}Expression, expression: '{{{{ 1 + }}}}'}}]",
            "listeners[0].conditions[0].expression",
            "",
        ),
        ("yes", "listeners[0].conditions", "must be a list"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(written, path, says):
    (error,) = parsed(written).errors
    assert error.path == path
    assert says in error.message


def test_a_listener_needs_tasks_and_knows_no_other_words():
    source = FLOW.split("listeners:", maxsplit=1)[0] + "listeners: [{task: []}]\n"
    assert [error.path for error in parse_flow(source, FewTypes()).errors] == [
        "listeners[0].task",
        "listeners[0].tasks",
    ]
