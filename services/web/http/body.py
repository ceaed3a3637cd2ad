"""Reads request bodies, with a limit, in the shapes that clients send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive

from services.web.core.problem import Problem, bad_request, invalid_json, too_large

MAX_PARTS = 2_000
MAX_FIELD_BYTES = 768 * 1024
"""The limit of a text part. A part becomes an input, which travels in a record."""


def bounded(receive: Receive, limit: int) -> Receive:
    """The same body, which ends with 413 when it exceeds the limit. This does not rely on Content-Length."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise too_large(limit)
        return message

    return receive_bounded


async def read_all(receive: Receive, limit: int) -> bytes:
    """Read the whole body. Use it for small bodies."""
    first = await receive()
    body: bytes = first.get("body", b"")
    if len(body) > limit:
        raise too_large(limit)
    if not first.get("more_body"):
        return body
    chunks, size = [body], len(body)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("the body ended early")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def json_list(request: Request, check: Callable[[Any], bool], what: str) -> list[Any]:
    """Read a JSON list, and check every item."""
    try:
        value = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid_json(str(error)) from error
    if not isinstance(value, list) or not all(check(item) for item in value):
        raise Problem(422, "invalid-request-body", f"Illegal argument: expected a list of {what}")
    return value


async def json_object(request: Request) -> dict[str, Any]:
    try:
        value = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid_json(str(error)) from error
    if not isinstance(value, dict):
        raise Problem(422, "invalid-request-body", "Illegal argument: expected an object")
    return value


async def form_of(request: Request) -> FormData:
    """The multipart body. Empty if there is none or if it has no parts."""
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind or request.headers.get("content-length") == "0":
        return FormData()
    if kind not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise Problem(
            415,
            "unsupported-media-type",
            f"Unsupported Media Type: Content Type [{kind}] not allowed. Allowed types: [multipart/form-data]",
        )
    try:
        return await request.form(max_files=MAX_PARTS, max_fields=MAX_PARTS, max_part_size=MAX_FIELD_BYTES)
    except (MultiPartException, HTTPException) as error:
        raise _unreadable(str(getattr(error, "detail", error))) from error


def _unreadable(reason: str) -> Problem:
    """The parser's errors differ only in their texts."""
    if "exceeded maximum size" in reason:
        return Problem(
            413,
            "payload-too-large",
            f"A text part is over the limit of {MAX_FIELD_BYTES} bytes",
        )
    return bad_request(f"the multipart body cannot be read: {reason}")


async def texts_and_files(request: Request) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Text parts and file parts by name. A part named ``files`` is an input with the name of its file (before 0.24)."""
    texts: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    for name, value in (await form_of(request)).multi_items():
        if isinstance(value, str):
            texts[name] = value
        elif name == "files" and value.filename:
            files[value.filename] = value
        else:
            files[name] = value
    return texts, files
