"""Sends one message, and says what the service answers if it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toccata.plugin import (
    Body,
    HttpOptions,
    HttpRequest,
    NotJson,
    RunContext,
    TaskFailed,
    read_json,
    url_encoded,
    write_json,
)

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request of which ``url`` may be secret."""

    url: str
    json: Any = None
    form: Mapping[str, Any] | None = None
    raw: bytes | None = None
    content_type: str = _JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"
    basic: tuple[str, str] | None = None
    check: Any = None
    """A function of the answer that gives the reason of a refusal, for services that refuse with status 200."""


def payload_of(text: str | None) -> Any:
    """Raise TaskFailed."""
    if not text or not text.strip():
        raise TaskFailed("payload: the message is missing")
    try:
        return read_json(text)
    except NotJson as error:
        raise TaskFailed(f"payload: this is no JSON: {error}: {text[:500]}") from None


async def send(run: RunContext, options: HttpOptions, delivery: Delivery) -> Any:
    """The answer, as a value if it is JSON. Raise TaskFailed."""
    body, kind = _body(delivery)
    headers = dict(delivery.headers)
    if delivery.basic is not None:
        headers["Authorization"] = _basic(*delivery.basic)
    request = HttpRequest(delivery.method, delivery.url, headers, delivery.params, body, kind, hidden=True)
    async with run.http(options) as http, http.send(request) as answer:
        text = await answer.text()
    try:
        value = read_json(text) if text.strip() else None
    except NotJson:
        value = text
    refusal = delivery.check(value) if delivery.check else None
    if refusal:
        raise TaskFailed(f"the service refuses: {refusal}")
    return value


def _basic(user: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _body(delivery: Delivery) -> tuple[Body | None, str | None]:
    if delivery.raw is not None:
        return delivery.raw, delivery.content_type
    if delivery.form is not None:
        return url_encoded(delivery.form, "utf-8"), _FORM
    return (None, None) if delivery.json is None else (write_json(delivery.json), delivery.content_type)
