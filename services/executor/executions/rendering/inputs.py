"""The inputs of a start: the given values with defaults, each with its declared type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from contracts.execution import StartExecution
from contracts.language.flow.input import resolve_inputs
from contracts.language.flow.variables import nested_labels
from contracts.language.nearest import did_you_mean
from contracts.scalars import JsonObject
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.rendering.template import scope_of
from services.executor.executions.rendering.variables import execution_variables, flow_variables
from services.executor.executions.turn import Turn

_MOST_NAMED = 5
_LONGEST_NAME = 60


class InputsRefused(Exception):
    """The message has one line for each input."""


class TypedInputs(NamedTuple):
    values: JsonObject
    warning: str = ""
    """What was left out, for the execution's log."""


def typed_inputs(turn: Turn, blueprint: Blueprint, command: StartExecution) -> TypedInputs:
    """Raises InputsRefused. Of a flow that declares none, all that is given is an input."""
    flow = blueprint.plan.flow
    if not flow.inputs:
        return TypedInputs(command.inputs)
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
    resolution = resolve_inputs(flow.inputs, command.inputs, scope_of(turn, variables))
    if resolution.violations:
        raise InputsRefused("\n".join(violation.message for violation in resolution.violations))
    warning = _ignored(resolution.unknown, [each.id for each in flow.inputs])
    return TypedInputs(dict(resolution.values), warning)


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
