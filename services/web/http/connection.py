"""Uvicorn's HTTP connection with bounds on what a caller costs before web knows who it is: the bytes of a head, the time for a
head, the pace of a body, trailers, pipelined requests, and the number of connections. The parser itself has no bounds."""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.web.http.headers import SecurityHeaders

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 128
MAX_PIPELINED = 16
"""Requests of one connection that may wait for their turn."""
MAX_FRAMING_BYTES = 16 * 1024
"""What a body may cost beside its content: sizes and extensions of its chunks. Chunks of one byte cost five more each."""
FRAMING_PER_BYTE = 8
MIN_BODY_BYTES_PER_SECOND = 1024
LINGER_SECONDS = 2.0
"""How long the rest of a body is read and dropped after its answer, so that the caller can read the answer."""
MAX_LINGER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    connections: int = 1000
    head_seconds: float = 10.0
    """From the first byte of a head, or from the beginning of the connection, to the last."""
    body_seconds: float = 10.0
    """In each such span a body must bring ``MIN_BODY_BYTES_PER_SECOND``, unless web itself does not read."""
    reading_seconds: float = 60.0
    """How long a caller may read nothing of an answer while web has more."""


class _At(Enum):
    """Where the connection is in what it receives."""

    REST = auto()
    HEAD = auto()
    BODY = auto()
    DROPPING = auto()


def _refusal(status: str, more: str = "") -> bytes:
    own = "".join(f"{n.decode()}: {v.decode()}\r\n" for n, v in SecurityHeaders(secure=False).with_own(()))
    return f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n{more}{own}\r\n".encode()


_BAD = _refusal("400 Bad Request")
_TOO_LATE = _refusal("408 Request Timeout")
_TOO_LARGE = _refusal("431 Request Header Fields Too Large")
_FULL = _refusal("503 Service Unavailable", "retry-after: 1\r\n")


_CLOSE = (b"connection", b"close")


class _Lingering:
    """The transport as the answer of a request sees it: while its body still comes, the connection decides how it ends."""

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection.transport, name)

    def close(self) -> None:
        if not self._connection.has_unread_body:
            self._connection.transport.close()


class _Refused(Exception):
    """Ends the parser's work from inside one of its callbacks."""


class BoundedConnection(HttpToolsProtocol):
    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bounds = bounds
        self._at = _At.HEAD
        self._watched: _At | None = None
        self._timer: TimerHandle | None = None
        self._reading: TimerHandle | None = None
        self._raw = 0
        self._body = 0
        self._body_before = 0
        self._refusal = _BAD
        self.idle_since = 0.0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.idle_since = self.loop.time()
        if len(self.connections) > self._bounds.connections and not self._make_room():
            self._refuse(_FULL)
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_keepalive_if_required()
        for timer in (self._timer, self._reading):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """True if no request is being answered or about to come."""
        at_rest = self._at is _At.REST or self._at is _At.HEAD
        return at_rest and (self.cycle is None or self.cycle.response_complete)

    def _make_room(self) -> bool:
        """End the connection that has been idle for longest. False if every one has a request."""
        idle = [each for each in self.connections if isinstance(each, BoundedConnection) and each.is_idle]
        others = [each for each in idle if each is not self and not each.transport.is_closing()]
        if not others:
            return False
        oldest = min(others, key=lambda each: each.idle_since)
        self.connections.discard(oldest)
        oldest.transport.close()
        return True

    # What arrives

    def data_received(self, data: bytes) -> None:
        self._raw += len(data)
        if self._at is _At.DROPPING:
            if self._raw > MAX_LINGER_BYTES:
                self.transport.abort()
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # The request was answered as if it had not asked for another protocol.
        except httptools.HttpParserError:
            self._refuse(self._refusal)
            return
        if self._at is _At.BODY:
            self._expect_early_answer()
            if self._raw > self._body * (1 + FRAMING_PER_BYTE) + MAX_FRAMING_BYTES:
                self._refuse(_BAD)
        elif self._raw > MAX_HEAD_BYTES:
            self._refuse(_TOO_LARGE)
        if self._at is not self._watched and not self.transport.is_closing():
            self._watch()

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()
        self._at = _At.HEAD
        self._refusal = _BAD
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """In place of uvicorn's, which adds trailers to the headers of the request."""
        if self._at is _At.BODY:
            raise _Refused
        if len(self.headers) >= MAX_HEADERS:
            self._refusal = _TOO_LARGE
            raise _Refused
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._raw > MAX_HEAD_BYTES and sum(len(n) + len(v) for n, v in self.headers) > MAX_HEAD_BYTES:
            self._refusal = _TOO_LARGE
            raise _Refused
        if len(self.pipeline) >= MAX_PIPELINED:
            raise _Refused
        self._at = _At.BODY
        self._raw = self._body = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._at = _At.REST
        self._watched = None
        self._raw = 0
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.default_headers = self.server_state.default_headers
        super().on_message_complete()

    def _expect_early_answer(self) -> None:
        """An answer before the end of the body ends the connection, and says so: the caller must not use it again."""
        if self.cycle is not None and not isinstance(self.cycle.transport, _Lingering):
            self.cycle.default_headers = [*self.server_state.default_headers, _CLOSE]
            self.cycle.transport = _Lingering(self)  # type: ignore[assignment]

    @property
    def has_unread_body(self) -> bool:
        return self._at is _At.BODY

    # What is late

    def _watch(self) -> None:
        """Watch the part that is being received now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._watched = self._at
        if self._at is _At.HEAD:
            self._timer = self.loop.call_later(self._bounds.head_seconds, self._refuse, _TOO_LATE)
        elif self._at is _At.BODY:
            self._body_before = self._body
            self._timer = self.loop.call_later(self._bounds.body_seconds, self._check_pace)
        elif self._at is _At.DROPPING:
            self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _check_pace(self) -> None:
        came = self._body - self._body_before
        if self.flow.read_paused or came >= self._bounds.body_seconds * MIN_BODY_BYTES_PER_SECOND:
            self._watch()
        else:
            self._refuse(_TOO_LATE)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(self._bounds.reading_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        super().resume_writing()

    # Ends

    def on_response_complete(self) -> None:
        self.idle_since = self.loop.time()
        if self._at is _At.BODY and self.cycle.response_complete and not self.transport.is_closing():
            self._drop_rest()
        else:
            super().on_response_complete()

    def _drop_rest(self) -> None:
        """Keep nothing of what still comes, and end the connection soon. If it ended now, the answer might get lost."""
        self._at = _At.DROPPING
        self._raw = 0
        if self.cycle is not None:
            self.cycle.body = bytearray()
        self.flow.resume_reading()
        self.transport.write_eof()
        self._watch()

    def _refuse(self, answer: bytes) -> None:
        """Answer if no other answer has begun, and end the connection. A waiting route hears that its caller is gone."""
        if self.transport.is_closing() or self._at is _At.DROPPING:
            return
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not (cycle.response_started or self.pipeline):
            self.transport.write(answer)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self._drop_rest()
