"""The inputs of a start: the given values with defaults, each with its declared type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.evaluation import Question
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import NotHere
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import Template
from contracts.language.flow.input import Evaluate, evaluate_here, resolve_inputs
from contracts.language.flow.needs import paths_needed
from contracts.language.flow.variables import nested_labels
from contracts.language.nearest import did_you_mean
from contracts.scalars import JsonObject
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.rendering.question import AnswerNeeded, Asked, answer_to, sight_of
from services.executor.executions.rendering.template import scope_of
from services.executor.executions.rendering.variables import execution_variables, flow_variables
from services.executor.executions.state import Execution
from services.executor.executions.turn import Turn

_MOST_NAMED = 5
_LONGEST_NAME = 60


class InputsRefused(Exception):
    """The message has one line for each input."""


class TypedInputs(NamedTuple):
    values: JsonObject
    warning: str = ""
    """What was left out, for the execution's log."""


def typed_inputs(turn: Turn, blueprint: Blueprint, given: JsonObject) -> TypedInputs:
    """Raises InputsRefused or AnswerNeeded. Of a flow that declares none, all that is given is an input."""
    flow = blueprint.plan.flow
    if not flow.inputs:
        return TypedInputs(given)
    execution = turn.execution
    variables: JsonObject = {
        "flow": flow_variables(flow.namespace, flow.id, flow.revision or 0),
        "execution": execution_variables(execution),
        "vars": blueprint.variables,
        "labels": nested_labels({**blueprint.labels, **execution.labels}),
        "envs": dict(turn.setting.envs),
        "globals": turn.setting.globals,
    }
    if execution.trigger is not None:
        variables["trigger"] = execution.trigger.variables

    evaluate, encryption = evaluating(turn, "", flow.variables), WorkerEncryption(turn, "", flow.variables)
    resolution = resolve_inputs(flow.inputs, given, scope_of(turn, variables), evaluate, encryption)
    if resolution.violations:
        raise InputsRefused("\n".join(violation.message for violation in resolution.violations))
    warning = _ignored(resolution.unknown, [each.id for each in flow.inputs])
    return TypedInputs(dict(resolution.values), warning)


def evaluating(turn: Turn, task_run_id: str, flow_variables: Mapping[str, object]) -> Evaluate:
    """Return what evaluates the expressions of inputs: of a start (empty), or those that a task run asks for. It raises AnswerNeeded."""

    def evaluate(template: Template, scope: Scope) -> Any:
        return _evaluated(turn.execution, task_run_id, template, scope, flow_variables)

    return evaluate


@dataclass(frozen=True, slots=True)
class WorkerEncryption:
    """Has a worker encrypt what a SECRET gets in plain text: a default, or what came from a trigger or a foreign topic."""

    turn: Turn
    task_run_id: str
    flow_variables: Mapping[str, object]

    def of_text(self, name: str, text: str) -> object:
        return self._answer(Question("{{ value }}", "encrypted", name), {"value": text})

    def of_template(self, template: Template, scope: Scope) -> object:
        question = Question(template.source, "encrypted", sight_of(scope.variables.get("inputs")))
        return self._answer(question, _seen(template, scope, self.flow_variables))

    def _answer(self, question: Question, variables: JsonObject) -> object:
        answer = answer_to(self.turn.execution, self.task_run_id, question)
        if answer is None:
            raise AnswerNeeded(Asked((question,), variables))
        if answer.error:
            raise ExpressionError(answer.error)
        return answer.value


def _evaluated(
    execution: Execution,
    task_run_id: str,
    template: Template,
    scope: Scope,
    flow_variables: Mapping[str, object],
) -> Any:
    """Return the value of an input's expression. Each expression sees other inputs, and a worker gets only those."""
    question = Question(template.source, "value", sight_of(scope.variables.get("inputs")))
    answer = answer_to(execution, task_run_id, question)
    if answer is not None:
        if answer.error:
            raise ExpressionError(answer.error)
        return answer.value
    try:
        return evaluate_here(template, scope)
    except NotHere:
        raise AnswerNeeded(Asked((question,), _seen(template, scope, flow_variables))) from None


def _seen(template: Template, scope: Scope, flow_variables: Mapping[str, object]) -> JsonObject:
    """Return the variables that a worker needs for this template."""
    needs = paths_needed([template.source], flow_variables)
    heads = None if needs is None else {path[0] for path in needs}
    return {name: value for name, value in scope.variables.items() if heads is None or name in heads}


def _ignored(unknown: tuple[str, ...], declared: Iterable[str]) -> str:
    """Bounded: whoever starts an execution chooses how many names there are, and how long each is."""
    if not unknown:
        return ""
    named = [
        name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…" for name in unknown[:_MOST_NAMED]
    ]
    names = ", ".join(f"`{name}`" for name in named)
    if len(unknown) > _MOST_NAMED:
        names += f" and {len(unknown) - _MOST_NAMED} more"
    if len(unknown) > 1:
        return f"Inputs {names} are not declared by the flow: ignored."
    return f"Input {names} is not declared by the flow: ignored. {did_you_mean(named[0], declared)}".rstrip()
