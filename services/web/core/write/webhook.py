"""Webhook requests to executions: which trigger a key opens, and what ``trigger.*`` then holds. No clock, no network;
expressions are rendered by a function that is handed in."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote_plus

import orjson

from contracts.execution import TriggerRef
from contracts.language.flow.catalog import WEBHOOK, modern_name
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.trigger import Webhook, trigger_properties
from contracts.scalars import JsonObject, JsonValue

Render: TypeAlias = Callable[[str, Mapping[str, Any]], JsonValue]
"""Renders one template over variables, keeping types. Raises NotRendered."""

CONDITION = "io.kestra.plugin.core.condition.Expression"


class NotRendered(Exception):
    """A template failed; the text is for the flow's author."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A flow's webhook trigger, ready to be asked."""

    trigger: Trigger
    properties: Webhook
    variables: Mapping[str, Any]
    """``flow``, ``vars`` and ``labels``: what its templates may use besides ``trigger``."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came."""

    method: str
    headers: Iterable[tuple[bytes, bytes]]
    query: bytes
    body: bytes
    path: str = ""
    """What follows the key in the path."""


@dataclass(frozen=True, slots=True)
class Admitted:
    trigger: TriggerRef
    inputs: JsonObject
    labels: dict[str, str] = field(default_factory=dict)


Verdict: TypeAlias = Admitted | Literal["conditions", "unsupported"]


def hooks_of(flow: Flow) -> tuple[Hook, ...]:
    """All webhook triggers that are enabled."""
    variables = {
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision},
        "vars": flow.variables,
        "labels": {label.key: label.value for label in flow.labels},
    }
    return tuple(
        Hook(trigger, properties, variables)
        for trigger in flow.triggers
        if modern_name(trigger.type) == WEBHOOK and not trigger.disabled
        for properties in [trigger_properties(WEBHOOK, trigger.properties)]
        if isinstance(properties, Webhook)
    )


def match(hooks: tuple[Hook, ...], key: str, render: Render) -> Hook | None:
    """The hook that the key opens. Every hook is compared, each in constant time: the time says nothing of any key.

    A key whose template fails opens nothing."""
    given = key.encode()
    found = None
    for hook in hooks:
        expected = hook.properties.key
        if "{{" in expected or "{%" in expected:
            try:
                expected = str(render(expected, hook.variables))
            except NotRendered:
                continue
        if hmac.compare_digest(given, expected.encode()) and expected:
            found = found or hook
    return found


def admit(hook: Hook, call: Call, render: Render) -> Verdict:
    """What the execution is started with, or why there is none. Raises NotRendered for inputs that fail."""
    trigger = hook.trigger
    variables = call_variables(call)
    if trigger.when is None and not trigger.conditions and not trigger.inputs and not trigger.labels:
        return Admitted(TriggerRef(id=trigger.id, type=trigger.type, variables=variables), {})
    scope = {**hook.variables, "trigger": variables}
    for condition in trigger.conditions:
        if modern_name(str(condition.get("type", ""))) != CONDITION:
            return "unsupported"
        if not truthy(render(str(condition.get("expression", "")), scope)):
            return "conditions"
    if trigger.when is not None and not truthy(render(trigger.when, scope)):
        return "conditions"
    inputs = {name: _rendered(value, scope, render) for name, value in trigger.inputs.items()}
    return Admitted(
        TriggerRef(id=trigger.id, type=trigger.type, variables=variables),
        inputs,
        _labels(trigger, scope, render),
    )


def call_variables(call: Call) -> JsonObject:
    """``trigger.body``, ``trigger.headers`` and ``trigger.parameters``; header names as HTTP/1 writes them."""
    variables: JsonObject = {}
    headers: dict[str, list[str]] = {}
    content_type = ""
    for raw_name, raw_value in call.headers:
        name, value = raw_name.decode("latin1"), raw_value.decode("latin1")
        if name == "content-type":
            content_type = value
        headers.setdefault(name.title(), []).append(value)
    body = _body(call.body, content_type)
    if body is not None:
        variables["body"] = body
    variables["headers"] = headers
    variables["parameters"] = _parameters(call.query)
    if call.path:
        variables["path"] = call.path
    return variables


def _body(raw: bytes, content_type: str) -> JsonValue:
    if not raw:
        return None
    if raw[:1] in b'{[ \t\r\n"' or "json" in content_type:
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            pass  # announced or looking as JSON, and is none: then it is text
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()


def _parameters(query: bytes) -> dict[str, list[str]]:
    parameters: dict[str, list[str]] = {}
    for part in query.decode("latin1").split("&") if query else ():
        name, _, value = part.partition("=")
        if name:
            parameters.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return parameters


def _rendered(value: object, scope: Mapping[str, Any], render: Render) -> JsonValue:
    if isinstance(value, str):
        return render(value, scope) if "{{" in value or "{%" in value else value
    if isinstance(value, Mapping):
        return {str(key): _rendered(item, scope, render) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rendered(item, scope, render) for item in value]
    return value


def _labels(trigger: Trigger, scope: Mapping[str, Any], render: Render) -> dict[str, str]:
    """One that fails to render is left out (flow-language 7.3)."""
    labels: dict[str, str] = {}
    for label in trigger.labels:
        try:
            labels[label.key] = str(_rendered(label.value, scope, render))
        except NotRendered:
            continue
    return labels


def truthy(value: JsonValue) -> bool:
    """As conditions read a rendered value (flow-language 2.4)."""
    return value not in {"", "false", "0", "-0"} if isinstance(value, str) else bool(value)
