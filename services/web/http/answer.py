"""Turns values into HTTP answers, and errors into problem answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from contracts.json_text import decimal_text
from services.web.core.problem import GENERIC, Problem, bad_request, unavailable
from services.web.core.search.query import InvalidFilter, InvalidQuery, InvalidSort
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

log = get_logger()
NO_STORE = {"Cache-Control": "no-store"}
_SLUGS = {
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "payload-too-large",
    415: "unsupported-media-type",
}
_LARGE_NUMBERS = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
_REASONS = {404: "Not Found", 405: "Method Not Allowed", 400: "Bad Request"}


def dumps(value: Any) -> bytes:
    """Keys of other types become text, because templates and YAML can produce them."""
    try:
        return orjson.dumps(value, default=_written, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # The value holds an integer over 64 bits, which messages allow.
        return _LARGE_NUMBERS.encode(value)


def _written(value: object) -> object:
    return orjson.Fragment(decimal_text(value)) if isinstance(value, Decimal) else str(value)


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dumps(value), status, {**NO_STORE, **(headers or {})}, media_type="application/json")


def csv_answer(text: str, name: str) -> Response:
    headers = {**NO_STORE, "Content-Disposition": f"attachment; filename={name}.csv"}
    return Response(text, 200, headers, media_type="text/csv")


def empty(status: int = 204) -> Response:
    return Response(b"", status, NO_STORE)


def problem_answer(problem: Problem, target: str, accept: str) -> Response:
    media = "application/problem+json" if "application/problem+json" in accept else "application/json"
    headers = {**NO_STORE, **problem.headers}
    if problem.status == 404:
        headers["X-Kestra-Edition"] = "OSS"
    return Response(dumps(problem.body(target)), problem.status, headers, media_type=media)


def problem_of(error: Exception) -> Problem:
    """The problem for every error that can end a request."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InvalidFilter):
        return Problem(422, "invalid-query-filters", f"Illegal argument: {error}")
    if isinstance(error, InvalidSort):
        return Problem(
            422, "invalid-query-parameter", f"Unprocessable Entity: Invalid sort parameter: {error}"
        )
    if isinstance(error, InvalidQuery):
        return Problem(422, "invalid-query-parameter", f"Unprocessable Entity: {error}")
    if isinstance(error, Transient):
        log.warning("request_unavailable", reason=str(error))
        return unavailable(
            "Kafka or the database cannot be reached: ask again, with an Idempotency-Key if an execution must start only once"
        )
    if isinstance(error, HTTPException):
        slug = _SLUGS.get(error.status_code, "not-found" if error.status_code == 404 else "bad-request")
        reason = _REASONS.get(error.status_code, str(error.detail))
        return Problem(error.status_code, slug, reason, headers=dict(error.headers or {}))
    if isinstance(error, RequestValidationError):
        return Problem(
            400, "bad-request", f"Bad Request: {error.errors()[0].get('msg', 'invalid parameter')}"
        )
    if isinstance(error, ClientDisconnect):
        return bad_request("the body ended early")  # Nobody hears it.
    log.error("request_failed", exc_info=error)
    return Problem(500, "internal-error", GENERIC)


async def on_error(request: Request, error: Exception) -> Response:
    """The one exception handler of the application."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return problem_answer(problem_of(error), target, request.headers.get("accept", ""))
