"""The inputs of a start: the given values with defaults, each with its declared type."""

from __future__ import annotations

from contracts.execution import StartExecution
from contracts.language.flow.input import resolve_inputs
from contracts.scalars import JsonObject
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.rendering.template import scope_of
from services.executor.executions.rendering.variables import (
    execution_variables,
    flow_variables,
    nested_labels,
)
from services.executor.executions.turn import Turn


class InputsRefused(Exception):
    """The message has one line for each input."""


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
    resolution = resolve_inputs(flow.inputs, command.inputs, scope_of(turn, variables))
    if resolution.violations:
        raise InputsRefused("\n".join(violation.message for violation in resolution.violations))
    return dict(resolution.values)
