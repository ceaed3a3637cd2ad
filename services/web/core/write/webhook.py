"""Turns webhook requests into executions: finds the trigger of a key and builds ``trigger.*``. For all triggers alike,
``contracts.language.flow.trigger_start`` decides whether there is a start, and with which inputs."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from contracts.execution import TriggerRef
from contracts.json_text import NotJson, loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import compile_template
from contracts.language.flow.catalog import modern_name
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.trigger_start import (
    StartTemplates,
    TriggerStart,
    flow_variables,
    templates_of,
    trigger_scope,
    trigger_start,
)
from contracts.language.types.property import read_properties
from contracts.language.types.trigger.webhook import WEBHOOK, Webhook, response_code
from contracts.scalars import JsonObject, JsonValue, Millis, execution_folders
from contracts.states import State
from services.web.core.file import SCHEME
from services.web.core.live import Live
from services.web.core.problem import Problem, invalid_entity
from services.web.core.view.variables import variables_of
from services.web.core.write.form import form_of
from services.web.core.write.given import Owner, segment
from services.web.core.write.rendering import Ports
from services.web.core.write.signature import unsigned_because
from services.web.core.write.withheld import NothingWithheld, Withheld

_NOTHING_WITHHELD = NothingWithheld()
_BAD_ENDS = frozenset({State.FAILED, State.KILLED, State.CANCELLED})
_CHARSET = re.compile(r"charset=\"?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a request, and the functions that its templates may call."""

    at: Millis
    ports: Ports


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook trigger of a flow, ready for requests."""

    trigger: Trigger
    properties: Webhook
    templates: StartTemplates
    variables: JsonObject
    """Variables for its templates, besides ``trigger``."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it arrived."""

    method: str
    headers: Iterable[tuple[bytes, bytes]]
    query: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that came with a request, and its address in internal storage. It belongs to the execution."""

    uri: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Admitted:
    trigger: TriggerRef
    start: TriggerStart
    kept: tuple[Kept, ...] = ()
    """To be stored before the execution starts."""


def hooks_of(flow: Flow) -> tuple[Hook, ...]:
    """All enabled webhook triggers."""
    variables = flow_variables(flow)
    return tuple(
        Hook(trigger, read_properties(Webhook, trigger.properties), templates_of(trigger), variables)
        for trigger in flow.triggers
        if modern_name(trigger.type) == WEBHOOK.name and not trigger.disabled
    )


def match(hooks: tuple[Hook, ...], key: str, moment: Moment) -> Hook | None:
    """The hook with this key. Every hook is compared in constant time, so that the time reveals nothing about a key.

    A hook whose key template fails never matches."""
    given = key.encode()
    found = None
    for hook in hooks:
        expected = hook.properties.key
        if has_expression(expected):
            scope = trigger_scope(hook.variables, moment.at, hook.trigger.id, moment.ports)
            try:
                expected = compile_template(expected).render(scope)
            except ExpressionError:
                continue
        if hmac.compare_digest(given, expected.encode()) and expected:
            found = found or hook
    return found


def unsigned(hook: Hook, call: Call, moment: Moment) -> str:
    """Return why the request does not count as signed by its sender. Empty if it does, or if the hook asks for no signature.
    Raise ExpressionError if web has no such secret."""
    signature = hook.properties.signature
    if signature is None:
        return ""
    secret = str(moment.ports["secret"](signature.secret))
    return unsigned_because(signature, secret, dict(call.headers), call.body, moment.at)


def admit(
    hook: Hook, call: Call, moment: Moment, owner: Owner, withheld: Withheld = _NOTHING_WITHHELD
) -> Admitted | None:
    """None if the trigger's conditions do not hold. Raises Problem 422 with the reason if a condition or an input cannot be
    rendered. These see all of the request; what the execution keeps has no credentials."""
    variables, kept = call_variables(call, owner, hook.properties.fetch_type, withheld)
    reference = TriggerRef(id=hook.trigger.id, type=hook.trigger.type, variables=variables)
    if hook.templates.plain:
        return Admitted(reference, TriggerStart({}), kept)
    whole = {
        **variables,
        "headers": _headers(call.headers, _NOTHING_WITHHELD),
        "parameters": _parameters(call.query, _NOTHING_WITHHELD),
    }
    seen = {**hook.variables, "trigger": whole}
    start = trigger_start(hook.templates, trigger_scope(seen, moment.at, owner.execution_id, moment.ports))
    if start is None:
        return None
    if start.failure:
        raise invalid_entity(f"trigger {hook.trigger.id}: {start.failure}")
    return Admitted(reference, start, kept)


def status_of(hook: Hook, live: Live, moment: Moment) -> int:
    """Return the status of the answer to a call that waited for its execution. Raises Problem if the expression gives none."""
    written = hook.properties.response_code
    if written is None:
        return 500 if live.state in _BAD_ENDS else 200
    if isinstance(written, int):
        return written
    own = hook.variables.get("vars")
    variables = {**hook.variables, **variables_of(live, own if isinstance(own, dict) else {})}
    try:
        text = compile_template(written).render(trigger_scope(variables, moment.at, live.id, moment.ports))
        code = response_code(text.strip())
        if not isinstance(code, int):
            raise ValueError("gives another expression")  # noqa: TRY004, TRY301 - told as the others are
    except (ExpressionError, ValueError) as error:
        raise Problem(
            500, "response-code", f"The `responseCode` of trigger {hook.trigger.id}: {error}"
        ) from error
    return code


def call_variables(
    call: Call, owner: Owner, fetch_type: str = "FETCH", withheld: Withheld = _NOTHING_WITHHELD
) -> tuple[JsonObject, tuple[Kept, ...]]:
    """Return ``trigger.*``, and the files that it has the addresses of. Header names are written as in HTTP/1."""
    variables, kept = _content(call, owner, fetch_type)
    variables["headers"] = _headers(call.headers, withheld)
    variables["parameters"] = _parameters(call.query, withheld)
    return variables, kept


def _content(call: Call, owner: Owner, fetch_type: str) -> tuple[JsonObject, tuple[Kept, ...]]:
    """Return what the variables have of the body. Files of a form always go to internal storage, another body with STORE."""
    content_type = _content_type(call.headers)
    if fetch_type == "NONE":
        return {}, ()
    if content_type.lower().startswith("multipart/"):
        return _form(call.body, content_type, owner)
    if fetch_type == "STORE" and call.body:
        uri = _address(owner, "body")
        return {"uri": uri}, (Kept(uri, call.body),)
    body = _body(call.body, content_type)
    return {} if body is None else {"body": body}, ()


def _form(body: bytes, content_type: str, owner: Owner) -> tuple[JsonObject, tuple[Kept, ...]]:
    form = form_of(body, content_type)
    parts: list[JsonObject] = []
    kept: list[Kept] = []
    for number, file in enumerate(form.files):
        uri = _address(owner, str(number), segment(file.filename))
        kept.append(Kept(uri, file.content))
        parts.append(
            {
                "name": file.name,
                "filename": file.filename,
                "contentType": file.content_type,
                "size": len(file.content),
                "uri": uri,
            }
        )
    return {"formFields": form.fields, "parts": parts}, tuple(kept)


def _address(owner: Owner, *segments: str) -> str:
    folders = execution_folders(owner.namespace, owner.flow_id, owner.execution_id)
    return SCHEME + "/".join([*folders, "webhook", *segments])


def _content_type(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin1") for name, value in headers if name == b"content-type"), "")


def _headers(headers: Iterable[tuple[bytes, bytes]], withheld: Withheld) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        shown = withheld.header(name)
        if shown:
            kept.setdefault(shown, []).append(value.decode("latin1"))
    return kept


def _body(raw: bytes, content_type: str) -> JsonValue:
    if not raw:
        return None
    raw = _utf8(raw, content_type)
    if raw[:1] in b'{[ \t\r\n"' or "json" in content_type:
        try:
            return loads(raw)
        except NotJson:
            pass  # The body is announced as JSON or looks like it, but does not parse. It stays text.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()


def _utf8(raw: bytes, content_type: str) -> bytes:
    """Return the text in UTF-8 that the body has in its charset, without a byte order mark. Other bodies stay as they are."""
    for mark, charset in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], charset)
    found = _CHARSET.search(content_type)
    return raw if found is None else _decoded(raw, found[1])


def _decoded(raw: bytes, charset: str) -> bytes:
    try:
        return raw.decode(charset).encode()
    except (LookupError, UnicodeError):
        return raw


def _parameters(query: bytes, withheld: Withheld) -> dict[str, list[str]]:
    parameters: dict[str, list[str]] = {}
    for part in query.decode("latin1").split("&") if query else ():
        name, _, value = part.partition("=")
        shown = withheld.parameter(unquote_plus(name))
        if shown:
            parameters.setdefault(shown, []).append(unquote_plus(value))
    return parameters
