"""The outputs of a flow, rendered as the execution ends, each with its declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.codec import encode
from contracts.language.expression.presence import has_expression
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from contracts.language.flow.input_value import typed
from contracts.language.flow.model import FlowOutput
from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.index import INPUTS
from contracts.scalars import JsonObject
from contracts.states import State
from services.executor.executions.rendering.template import refuse_impure, scope_of, text_of
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.turn import Turn

OUTPUT_BYTES = 256 * 1024
"""The limit for all outputs of a flow. They are part of the execution's last event."""


def flow_outputs(turn: Turn, state: State) -> JsonObject:
    """Return all typed outputs of the flow. They see the state that the execution is about to end in."""
    declared = turn.blueprint.outputs
    if not declared:
        return {}
    variables = whole_of(turn)
    variables["execution"] = {**variables["execution"], "state": state.value}
    scope = scope_of(turn, variables)
    found: JsonObject = {}
    size = 0
    for output in declared:
        found[output.id] = value = _typed(output, _rendered(output.value, scope))
        size += len(encode(value))
        if size > OUTPUT_BYTES:
            raise RenderingFailed(
                f"The outputs have more than {OUTPUT_BYTES:,} bytes. Write large values to files, and return their addresses"
            )
    turn.weigh(size)
    return found


def _rendered(value: Any, scope: Scope) -> Any:
    if isinstance(value, str):
        if not has_expression(value):
            return value
        template = compile_template(value)
        refuse_impure(template)
        return text_of(template, scope)
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
    if output.type not in INPUTS:
        raise RenderingFailed(f"Output `{output.id}` is of unknown type {output.type}")
    try:
        return typed(output.type, value, output.item_type)
    except ValueError as error:
        raise RenderingFailed(f"Invalid value of output `{output.id}`: {error}") from error
