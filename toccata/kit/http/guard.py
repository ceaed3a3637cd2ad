"""The network below HTTP: resolves a name, asks the guard about each address, and connects to one that it asked about."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from toccata.kit.http.reach import Reach


class NotReachable(Exception):
    """The guard refuses the address. The text is for people."""


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's own network, behind the guard."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if self._reach.mode == "all":
            return await self._network.connect_tcp(host, port, timeout, local_address, socket_options)
        failure: Exception = httpcore.ConnectError(f"no address of {host}")
        for address in await allowed_addresses(self._reach, host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del timeout, socket_options
        raise NotReachable(f"{path}: HTTP goes to addresses only")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def allowed_addresses(reach: Reach, host: str, port: int) -> list[str]:
    """The addresses of a host that may be called. Raise NotReachable if there are only others, ConnectError if there are none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    refusals = {address: reach.refusal(host, address) for address in addresses}
    allowed = [address for address, refusal in refusals.items() if refusal is None]
    if not allowed:
        raise NotReachable(next((each for each in refusals.values() if each), f"{host} has no address"))
    return allowed
