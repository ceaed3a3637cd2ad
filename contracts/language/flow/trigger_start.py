"""Decides whether a trigger starts an execution, and with which inputs and labels. Nothing else decides this: web uses it for
webhooks, the trigger-listener for schedules and events.

- ``when`` without braces is one expression. Its result counts as text: empty, ``false``, ``0`` and ``-0`` are false.
- Inputs are rendered to text, as a caller of the API would send them. The executor turns them into the types that the flow
  declares. A value without an expression stays as written.
- A label that does not render is left out.
- A condition, a ``when`` or an input that does not render is a failure with a reason, never a silent start. A webhook's
  caller is waiting, so it is refused with the reason. A slot of a schedule becomes an execution that fails with the reason,
  with its inputs as written. So does an event that ``when`` let pass. An event whose ``when`` fails is skipped and logged,
  because the topic also has events for others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template, render_value
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.trigger_condition import holds, passes
from contracts.scalars import JsonObject, Millis, to_datetime

LIMITS = Limits(max_output_chars=262_144, max_steps=100_000, max_elements=100_000, max_bytes=33_554_432)
"""Stricter than a worker's limit, because all callers of web, and all triggers of a partition, wait during a rendering."""
NO_PORTS: Mapping[str, Callable[..., object]] = {}
TENANT = "main"


@dataclass(frozen=True, slots=True)
class StartTemplates:
    """The parts of a trigger that are rendered, as written."""

    when: str | None = None
    conditions: Sequence[Mapping[str, object]] = ()
    inputs: JsonObject = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """True if every call starts an execution and nothing needs rendering."""
        return self.when is None and not (self.conditions or self.inputs or self.labels)


@dataclass(frozen=True, slots=True)
class TriggerStart:
    inputs: JsonObject
    labels: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    """Why the inputs are as written. Empty if everything was rendered."""
    undecided: bool = False
    """True if it failed before it was known whether an execution is wanted."""


def templates_of(trigger: Trigger) -> StartTemplates:
    labels = {label.key: label.value for label in trigger.labels}
    return StartTemplates(trigger.when, trigger.conditions, dict(trigger.inputs), labels)


def label_map(written: Any) -> dict[str, str]:
    """Read labels in either of their two forms."""
    if isinstance(written, dict):
        return {str(key): str(value) for key, value in written.items()}
    if isinstance(written, list):
        return {str(label["key"]): str(label["value"]) for label in written if isinstance(label, dict)}
    return {}


def flow_variables(flow: Flow) -> JsonObject:
    """Return what a trigger's templates see of the flow, besides ``trigger``."""
    return {
        **flow_reference(flow.namespace, flow.id, flow.revision),
        "vars": flow.variables,
        "labels": {label.key: label.value for label in flow.labels},
    }


def flow_reference(namespace: str, flow_id: str, revision: int | None) -> JsonObject:
    flow = {"id": flow_id, "namespace": namespace, "revision": revision, "tenantId": TENANT}
    return {"flow": flow, "namespace": {"id": namespace}}


def trigger_scope(
    variables: Mapping[str, object],
    at: Millis,
    identity: str,
    ports: Mapping[str, Callable[..., object]] = NO_PORTS,
) -> Scope:
    """Return the scope. The same identity gives the same random values."""
    return Scope(variables, to_datetime(at), crc32(identity.encode()), ports, LIMITS)


def trigger_start(templates: StartTemplates, scope: Scope) -> TriggerStart | None:
    """Return the start, or None if no execution is wanted."""
    try:
        if not _wanted(templates, scope):
            return None
    except ExpressionError as error:
        return _failed(
            templates, scope, f"The trigger's `when` could not be evaluated: {error}", undecided=True
        )
    try:
        inputs: JsonObject = {name: render_value(value, scope) for name, value in templates.inputs.items()}
    except ExpressionError as error:
        return _failed(templates, scope, f"The inputs of the trigger could not be rendered: {error}")
    return TriggerStart(inputs, _labels(templates, scope))


def _wanted(templates: StartTemplates, scope: Scope) -> bool:
    """Return whether an execution is wanted. Raise ExpressionError if a condition does not render."""
    if not all(holds(condition, scope) for condition in templates.conditions):
        return False
    return templates.when is None or passes(templates.when, scope)


def _failed(templates: StartTemplates, scope: Scope, reason: str, *, undecided: bool = False) -> TriggerStart:
    return TriggerStart(templates.inputs, _labels(templates, scope), reason, undecided)


def _labels(templates: StartTemplates, scope: Scope) -> dict[str, str]:
    labels: dict[str, str] = {}
    for key, text in templates.labels.items():
        try:
            labels[key] = compile_template(text).render(scope)
        except ExpressionError:
            continue
    return labels
