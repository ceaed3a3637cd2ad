"""Templates of triggers: conditions, inputs and labels, rendered over what the trigger gives. Total: what does not render
starts an execution that fails with the reason, or counts as false, as the trigger's kind wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zlib import crc32

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template, is_truthy, render_value
from contracts.scalars import JsonObject, Millis, to_datetime

LIMITS = Limits(max_steps=200_000)
"""All triggers of a partition wait while one renders."""


class Templates(Protocol):
    """The part of a trigger that is rendered."""

    @property
    def when(self) -> str | None: ...
    @property
    def inputs(self) -> JsonObject: ...
    @property
    def labels(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    inputs: JsonObject
    labels: dict[str, str]
    failure: str = ""
    """Why inputs and labels stand here as written."""


def trigger_scope(variables: Mapping[str, Any], at: Millis, identity: str) -> Scope:
    """The same identity gives the same random values."""
    return Scope(variables, to_datetime(at), crc32(identity.encode()), {}, LIMITS)


def render_start(templates: Templates, scope: Scope) -> Rendered | None:
    """None: ``when`` is false. What does not render is a failure that the execution will show."""
    try:
        if not passes(templates.when, scope):
            return None
    except ExpressionError as error:
        return Rendered(
            templates.inputs, templates.labels, f"The trigger's `when` could not be evaluated: {error}"
        )
    return render_inputs(templates, scope)


def render_inputs(templates: Templates, scope: Scope) -> Rendered:
    try:
        inputs = {name: render_value(value, scope) for name, value in templates.inputs.items()}
        labels = {
            name: compile_template(text).render(scope) if "{" in text else text
            for name, text in templates.labels.items()
        }
    except ExpressionError as error:
        return Rendered(
            templates.inputs,
            templates.labels,
            f"The inputs or labels of the trigger could not be rendered: {error}",
        )
    return Rendered(inputs, labels)


def passes(when: str | None, scope: Scope) -> bool:
    """Raises ExpressionError. Without braces all of it is the expression."""
    if when is None:
        return True
    source = when if "{{" in when or "{%" in when else f"{{{{ {when} }}}}"
    return is_truthy(compile_template(source).render(scope))
