"""What a task sees of HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

MOST_BYTES = 10 * 1024 * 1024
"""What :meth:`HttpAnswer.read` takes. More goes to internal storage."""
USER_AGENT = "Kestra"
"""What Kestra says, which some servers that flows call know."""


class Chunks(Protocol):
    """A body that is sent part by part. It may be iterated again, for a redirect or a retry."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


Body: TypeAlias = bytes | Chunks


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """They win over ``content_type`` and over those of the options."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Query parameters, added to those in ``uri``. A list gives one for each value."""
    body: Body | None = None
    content_type: str | None = None
    length: int | None = None
    """Of a body that is sent part by part, in bytes, if known."""
    hidden: bool = False
    """The path is a secret, as with webhooks: no message shows more than the host."""


class HttpAnswer(Protocol):
    """An answer whose body has not been read yet."""

    uri: str
    """Where it came from, after redirects."""
    status: int
    headers: Mapping[str, list[str]]
    """Names in lower case."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body, unpacked, part by part."""
        ...

    @property
    def received(self) -> int:
        """Bytes that have come over the network so far, before they were unpacked."""
        ...

    async def read(self, most: int = MOST_BYTES) -> bytes:
        """The whole body. Raise TaskFailed if it has more than ``most`` bytes."""
        ...

    async def text(self) -> str:
        """The whole body in its own charset, or the one of the options. Raise TaskFailed if it is no text."""
        ...

    async def json(self) -> Any:
        """The whole body. Raise TaskFailed if it is no JSON."""
        ...


class Http(Protocol):
    """One conversation with servers: connections are kept until its end."""

    def send(self, request: HttpRequest) -> AbstractAsyncContextManager[HttpAnswer]:
        """Send it, repeat it as the options say, and give the answer. Raise HttpFailed."""
        ...
