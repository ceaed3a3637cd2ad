"""Writes into a task's log what ``options.logs`` asks for. What signs in is masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from toccata.kit.http.options import HttpOptions, LogPart
from toccata.kit.http.port import Body

_HIDDEN = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-goog-api-key", "api-key"}
)
_SHOWN = 10_000


class RequestLog:
    def __init__(self, options: HttpOptions, say: Callable[[Any, str], None]) -> None:
        self._parts: frozenset[LogPart] = frozenset(options.logs)
        self._charset = options.default_charset
        self.say = say

    def request(self, request: httpx.Request, body: Body | None) -> None:
        if "REQUEST_HEADERS" in self._parts:
            self.say("INFO", f"request {request.method}: {_shown(request.headers)}")
        if "REQUEST_BODY" in self._parts and body is not None:
            text = self._text(body) if isinstance(body, bytes) else "(sent part by part)"
            self.say("INFO", f"request body: {text}")

    def answer(self, answer: httpx.Response) -> None:
        if "RESPONSE_HEADERS" in self._parts:
            self.say("INFO", f"response {answer.status_code}: {_shown(answer.headers)}")

    def body(self, body: bytes) -> None:
        if "RESPONSE_BODY" in self._parts:
            self.say("INFO", f"response body: {self._text(body)}")

    def _text(self, body: bytes) -> str:
        return body[:_SHOWN].decode(self._charset, "replace")


def _shown(headers: httpx.Headers) -> str:
    return ", ".join(
        f"{name}: {'******' if name.lower() in _HIDDEN else value}" for name, value in headers.multi_items()
    )
