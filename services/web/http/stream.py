"""Server-sent events as Kestra's clients parse them: an ``id:`` line and a ``data:`` line, no event name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

from services.web.http.answer import dumps

PING = b": ping\n\n"
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def frame(name: str, data: Any) -> bytes:
    return b"id: " + name.encode() + b"\ndata: " + dumps(data) + b"\n\n"


def stream(frames: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)
