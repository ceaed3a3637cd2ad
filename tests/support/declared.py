"""Compares real answers with the API's document. Test clients do this for every answer."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError

from services.web.core.path import route_of
from services.web.document.build import operations
from services.web.document.operation import Operation
from services.web.document.schema.base import Problem

_ALWAYS = {401, 429, 503}
_BEFORE_ANY_ROUTE = {400, 403, 413, 421}
"""Another tenant, a cross-site request, a body that is too large, another host."""
_VARIABLE = re.compile(r"\{\w+\}")


@cache
def _known() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Return operations with fixed words before variables, like the routes."""
    found = sorted(operations(), key=lambda each: [part.startswith("{") for part in each[1].split("/")])
    return [(method, _pattern(path), operation) for method, path, operation in found]


def _pattern(path: str) -> re.Pattern[str]:
    """Return the path's pattern. A webhook's path may have any number of segments."""
    path = path.replace("{path}", "(.+)")
    return re.compile(_VARIABLE.sub("([^/]+)", path))


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def find(method: str, path: str) -> Operation | None:
    canonical = route_of(path).path
    for known, pattern, operation in _known():
        if known == method and pattern.fullmatch(canonical):
            return operation
    return None


def problems(method: str, path: str, response: httpx.Response) -> str:
    """Return why the answer is not a declared one. Empty if it is."""
    operation = find(method, path)
    if operation is None:
        return ""
    status = response.status_code
    media = response.headers.get("content-type", "").partition(";")[0]
    answers = [each for each in operation.answers if each.status == status]
    if not answers:
        if status < 300 or status not in {*operation.errors, *_ALWAYS, *_BEFORE_ANY_ROUTE}:
            return f"status {status} is not declared for {operation.id}"
        return _misfit(Problem, response.content) if media.endswith("json") else ""
    contents = {content.media: content.shape for content in answers[0].contents}
    if not contents:
        return "" if not response.content else f"{operation.id}: a body, though none is declared"
    if media not in contents:
        return f"{operation.id}: {media!r} is not declared"
    return _misfit(contents[media], response.content) if media == "application/json" else ""


def _misfit(shape: Any, content: bytes) -> str:
    try:
        _adapter(shape).validate_json(content, strict=True)
    except ValidationError as error:
        return f"{getattr(shape, '__name__', shape)}: {error}"
    return ""


def check_read(response: httpx.Response) -> None:
    """Check an answer whose body was read. Raise AssertionError if it is not declared."""
    found = problems(response.request.method, response.request.url.path, response)
    assert not found, f"{response.request.method} {response.request.url}: {found}"


async def check_answer(response: httpx.Response) -> None:
    """Check as an event hook of an asynchronous client. Streams are skipped."""
    if _is_stream(response):
        return
    await response.aread()
    check_read(response)


def check_answer_now(response: httpx.Response) -> None:
    """Check as an event hook of a synchronous client."""
    if _is_stream(response):
        return
    response.read()
    check_read(response)


def _is_stream(response: httpx.Response) -> bool:
    return bool(response.headers.get("content-type", "").startswith("text/event-stream"))
