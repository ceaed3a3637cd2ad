"""From httpx to httpcore, as httpx's own transport does it, but with a network of our choice below, which that one does not take."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

import certifi
import httpcore
import httpx

from toccata.kit.http.guard import GuardedNetwork, allowed_addresses
from toccata.kit.http.options import HttpOptions, Proxy
from toccata.kit.http.reach import Reach

_CONNECTIONS = 20
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
)
_SENT: tuple[type[Exception], ...] = (*(kind for kind, _ in _ERRORS), ssl.SSLError)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Each connection goes through the guard; behind a proxy, the proxy does, and the host that it is to call."""

    def __init__(self, options: HttpOptions, reach: Reach) -> None:
        self._reach = reach
        self._proxied = options.proxy.type != "DIRECT"
        self._pool = _pool(options, GuardedNetwork(reach))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        try:
            if self._proxied and self._reach.mode != "all":
                await allowed_addresses(self._reach, url.host, url.port or 0)
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _SENT as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer.stream),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, below: Any) -> None:
        self._below = below

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._below:
                yield chunk
        except _SENT as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        await self._below.aclose()


def _as_httpx(error: Exception) -> httpx.TransportError:
    for kind, wanted in _ERRORS:
        if isinstance(error, kind):
            return wanted(str(error))
    return httpx.ConnectError(str(error))


def _pool(options: HttpOptions, network: GuardedNetwork) -> httpcore.AsyncConnectionPool:
    context = tls(verify=not options.ssl.insecure_trust_all_certificates)
    shared: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": _CONNECTIONS,
        "network_backend": network,
    }
    proxy = options.proxy
    match proxy.type:
        case "DIRECT":
            return httpcore.AsyncConnectionPool(**shared)
        case "HTTP":
            return httpcore.AsyncHTTPProxy(_proxy_url(proxy, "http"), proxy_auth=_proxy_auth(proxy), **shared)
        case "SOCKS":
            return httpcore.AsyncSOCKSProxy(
                _proxy_url(proxy, "socks5"), proxy_auth=_proxy_auth(proxy), **shared
            )


def _proxy_url(proxy: Proxy, scheme: str) -> httpcore.URL:
    return httpcore.URL(
        scheme=scheme.encode(), host=(proxy.address or "").encode(), port=proxy.port, target=b"/"
    )


def _proxy_auth(proxy: Proxy) -> tuple[bytes, bytes] | None:
    if proxy.username is None:
        return None
    password = proxy.password.get_secret_value() if proxy.password else ""
    return proxy.username.encode(), password.encode()


@lru_cache(maxsize=2)
def tls(*, verify: bool) -> ssl.SSLContext:
    """The machine's authorities, and Mozilla's for a machine that has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
