"""Rendering inside the core, made total: whatever is wrong with a template becomes RenderingFailed with a message for
people. Pure templates only: one that calls something outside is the business of a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from contracts.execution import StartExecution
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import IMPURE_FUNCTIONS, why_unavailable
from contracts.language.expression.presence import has_expression
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.input import resolve_inputs
from contracts.language.flow.input_declaration import ArrayInput
from contracts.language.flow.input_type import INPUT_TYPES
from contracts.language.flow.model import FlowOutput, Input
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from contracts.scalars import JsonObject, to_datetime
from contracts.states import State
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn
from services.executor.executions.variables import (
    execution_variables,
    flow_variables,
    nested_labels,
    variables_of,
    whole_of,
)

LIMITS = Limits(max_steps=200_000)
"""All executions of a partition wait while one renders."""


class InputsRefused(Exception):
    """One line an input."""


def render(turn: Turn, node: Node, run: TaskRun, template: Template) -> str:
    """A template of this task, as its run sees it."""
    _refuse_impure(template)
    variables, references = variables_of(turn, turn.blueprint.prepared(node), run, attempts=run.attempt)
    if references:
        names = ", ".join(sorted({reference.path[1] for reference in references}))
        raise RenderingFailed(
            f"The outputs of {names} are too large for an expression that the executor evaluates"
        )
    return _text(template, _scope(turn, variables))


def render_nested(turn: Turn, node: Node, run: TaskRun, value: Any) -> Any:
    """Texts within a value are rendered, keys of maps too; the rest stays."""
    if isinstance(value, str):
        return render(turn, node, run, compile_template(value)) if has_expression(value) else value
    if isinstance(value, Mapping):
        return {
            render_nested(turn, node, run, str(key)): render_nested(turn, node, run, part)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [render_nested(turn, node, run, part) for part in value]
    return value


@dataclass(frozen=True, slots=True)
class RunRendering:
    """Templates of one task, as its run sees them: what the functions of a flowable are given."""

    turn: Turn
    node: Node
    run: TaskRun

    def text(self, template: Template) -> str:
        return render(self.turn, self.node, self.run, template)

    def nested(self, value: Any) -> Any:
        return render_nested(self.turn, self.node, self.run, value)


def _refuse_impure(template: Template) -> None:
    """The place where an *evaluate* attempt on a worker is to take over; until then such a template fails its task."""
    reached = sorted(template.calls & IMPURE_FUNCTIONS)
    if reached:
        raise RenderingFailed(why_unavailable(reached[0]))


def _scope(turn: Turn, variables: Mapping[str, Any]) -> Scope:
    execution = turn.execution
    seed = crc32(f"{execution.id}/{execution.seq}".encode())
    return Scope(variables, to_datetime(turn.at), seed, limits=LIMITS)


def _text(template: Template, scope: Scope) -> str:
    try:
        return template.render(scope)
    except ExpressionError as error:
        raise RenderingFailed(str(error)) from error


def typed_inputs(turn: Turn, blueprint: Blueprint, command: StartExecution) -> JsonObject:
    flow = blueprint.plan.flow
    if not flow.inputs:
        return command.inputs
    variables: JsonObject = {
        "flow": flow_variables(flow.namespace, flow.id, flow.revision or 0),
        "execution": execution_variables(turn.execution),
        "vars": blueprint.variables,
        "labels": nested_labels({**blueprint.labels, **command.labels}),
        "envs": dict(turn.setting.envs),
        "globals": turn.setting.globals,
    }
    if command.trigger is not None:
        variables["trigger"] = command.trigger.variables
    resolution = resolve_inputs(flow.inputs, command.inputs, _scope(turn, variables))
    if resolution.violations:
        raise InputsRefused("\n".join(violation.message for violation in resolution.violations))
    return dict(resolution.values)


def flow_outputs(turn: Turn, state: State) -> JsonObject:
    """All outputs of the flow, typed; they see the state that the execution is about to end in."""
    declared = turn.blueprint.plan.flow.outputs
    if not declared:
        return {}
    variables = whole_of(turn)
    variables["execution"] = {**variables["execution"], "state": state.value}
    scope = _scope(turn, variables)
    found: JsonObject = {}
    for output in declared:
        found[output.id] = _typed(output, _rendered(output.value, scope))
    return found


def _rendered(value: Any, scope: Scope) -> Any:
    if isinstance(value, str):
        if not has_expression(value):
            return value
        template = compile_template(value)
        _refuse_impure(template)
        return _text(template, scope)
    if isinstance(value, Mapping):
        return {_rendered(str(key), scope): _rendered(part, scope) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rendered(part, scope) for part in value]
    return value


def _typed(output: FlowOutput, value: Any) -> Any:
    if value is None or (value == "" and output.type != "STRING"):
        if output.required:
            raise RenderingFailed(f"Missing value of output `{output.id}`")
        return None
    known = INPUT_TYPES.get(output.type)
    if known is None:
        raise RenderingFailed(f"Output `{output.id}` is of unknown type {output.type}")
    try:
        return known.parse(_as_input(output), value)
    except ValueError as error:
        raise RenderingFailed(f"Invalid value of output `{output.id}`: {error}") from error


def _as_input(output: FlowOutput) -> Input:
    """Inputs and outputs share the rules of their types."""
    if output.type == "ARRAY":
        return ArrayInput(id=output.id, type=output.type, item_type=output.item_type or "STRING")
    return Input(id=output.id, type=output.type)
