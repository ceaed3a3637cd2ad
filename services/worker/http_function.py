"""``http()`` of templates: what it asks, and how the answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import orjson
from pydantic import ValidationError

from contracts.json_text import NotJson, dumps, loads
from contracts.language.expression.errors import ExpressionError
from toccata.kit.http.options import HttpOptions
from toccata.kit.http.port import HttpAnswer, HttpRequest
from toccata.kit.http.reach import Reach


@dataclass(frozen=True, slots=True)
class Question:
    request: HttpRequest
    options: HttpOptions
    key: str
    """The same for the same question."""


def asked(request: HttpRequest, options: Any) -> Question:
    """Raise ExpressionError for options that mean nothing."""
    try:
        understood = HttpOptions.model_validate(options or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(("options", *(str(step) for step in first["loc"])))
        raise ExpressionError(f"`http`: {place}: {first['msg']}") from None
    shown = [request.method, request.uri, request.headers, request.params, str(request.body), options]
    return Question(
        request, understood, orjson.dumps(shown, option=orjson.OPT_SORT_KEYS, default=str).decode()
    )


def encoded(body: Any) -> bytes | None:
    """A text as it is, anything else as JSON."""
    if body is None:
        return None
    return body.encode() if isinstance(body, str) else dumps(body)


async def fetched(question: Question, reach: Reach) -> Any:
    """The answer's value. Raise TaskFailed."""
    client = import_module("toccata.kit.http.client")
    async with client.opened(question.options, reach, _silent) as http, http.send(question.request) as answer:
        return await _value(answer)


async def _value(answer: HttpAnswer) -> Any:
    """Read JSON, and leave anything else as text."""
    text = await answer.text()
    if not _may_be_json(answer.headers):
        return text
    try:
        return loads(text)
    except NotJson:
        return text


def _may_be_json(headers: Mapping[str, list[str]]) -> bool:
    kind = headers.get("content-type", [""])[0].partition(";")[0].strip().lower()
    return not kind or kind.endswith("json")


def _silent(level: Any, message: str) -> None:
    """A template has no log of its own."""
