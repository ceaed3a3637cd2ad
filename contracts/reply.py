"""Answers to requests that web and workers send as commands. The request names the partition of ``replies``."""

from __future__ import annotations

from typing import Literal

from contracts.message import Message
from contracts.scalars import JsonObject, Millis


class Reply(Message, frozen=True, kw_only=True, tag="reply.v1"):
    request_id: str
    accepted: bool
    at: Millis
    code: Literal["ok", "unchanged", "exists", "missing", "conflict", "invalid"] = "ok"
    reason: str = ""
    revision: int | None = None
    found: JsonObject = {}
    """What a request about the past asked for."""
    change: int | None = None
    """Of a value or a file of a namespace: its change on ``namespaces.state``. Who waits for it reads what was written."""
