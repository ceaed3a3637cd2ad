"""The HTTP API of a container engine: Docker's own, or another that speaks it, such as Podman's."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from toccata.plugin import NotJson, TaskFailed, read_json

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""For requests that do not wait for a container. Making one may take long on a busy disk."""
_NO_END = httpx.Timeout(CONNECT_SECONDS, read=None, write=None)


class EngineAway(Exception):
    """No engine answers there. The text says why."""


class EngineRefused(TaskFailed):
    """The engine answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Engine:
    """All methods raise EngineRefused for an answer that is an error, and EngineAway if there is none."""

    def __init__(self, client: httpx.AsyncClient, host: str) -> None:
        self._client = client
        self._host = host

    async def answers(self) -> None:
        """Return if the engine is there."""
        await self.ask("GET", "/_ping")

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        endless: bool = False,
    ) -> Any:
        """The JSON of the answer; None if it has none. ``endless``: it may take any time."""
        try:
            answer = await self._client.request(
                method,
                path,
                json=body,
                params=params,
                timeout=_NO_END if endless else httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            )
        except (httpx.TransportError, OSError) as error:
            raise EngineAway(_reason(error, self._host)) from None
        return _read(answer.status_code, answer.content)

    async def send(self, path: str, content: AsyncIterable[bytes], params: Mapping[str, str]) -> None:
        """PUT an archive."""
        try:
            answer = await self._client.put(
                path,
                content=content,
                params=params,
                headers={"Content-Type": "application/x-tar"},
                timeout=_NO_END,
            )
        except (httpx.TransportError, OSError) as error:
            raise EngineAway(_reason(error, self._host)) from None
        _read(answer.status_code, answer.content)

    @asynccontextmanager
    async def parts(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | Sequence[str]],
        headers: Mapping[str, str] | None = None,
        content: AsyncIterable[bytes] | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of the answer as it comes. ``content`` is an archive to send."""
        try:
            async with self._client.stream(
                method, path, params=params, headers=headers, content=content, timeout=_NO_END
            ) as answer:
                if answer.is_error:
                    _read(answer.status_code, await answer.aread())
                yield self._raw(answer)
        except httpx.TransportError as error:
            raise EngineAway(_reason(error, self._host)) from None

    async def _raw(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        async for part in answer.aiter_raw():
            yield part


@asynccontextmanager
async def opened(host: str, certificates: Path | None) -> AsyncIterator[Engine]:
    """Raises EngineAway if the address cannot be one of an engine. Connects with the first request."""
    socket, url = _located(host, tls=certificates is not None)
    transport = httpx.AsyncHTTPTransport(uds=socket, verify=_tls(certificates), trust_env=False)
    # Engines would compress archives, which costs more than it saves on one machine.
    plain = {"Accept-Encoding": "identity"}
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=plain, trust_env=False) as client:
        yield Engine(client, host)


def _located(host: str, *, tls: bool) -> tuple[str | None, str]:
    if host.startswith("unix://"):
        return host.removeprefix("unix://"), "http://engine"
    scheme, _, rest = host.partition("://")
    if scheme == "tcp" and rest:
        return None, f"{'https' if tls else 'http'}://{rest}"
    if scheme in ("http", "https") and rest:
        return None, host
    raise EngineAway(f"`{host}` is not the address of an engine: unix:///path, tcp://host:port")


def _tls(folder: Path | None) -> ssl.SSLContext | bool:
    if folder is None:
        return True
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    except (OSError, ssl.SSLError) as error:
        raise EngineAway(f"the certificates in {folder} cannot be used: {error}") from None
    return context


def _read(status: int, content: bytes) -> Any:
    try:
        value = read_json(content) if content.strip() else None
    except NotJson:
        value = content.decode("utf-8", "replace").strip()
    if status >= 400:
        text = value.get("message") or value.get("cause") if isinstance(value, dict) else value
        raise EngineRefused(status, str(text or f"the container engine answered with {status}"))
    return value


def _reason(error: BaseException, host: str) -> str:
    causes = []
    cause: BaseException | None = error
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(each, PermissionError) for each in causes):
        return f"the worker's user may not use {host}: its group must be that of the socket"
    if isinstance(error, httpx.TimeoutException):
        return f"{host} does not answer in time"
    text = str(error) or type(error).__name__
    return f"{host}: {text}"
