"""Asks a starting broker whether it works. It is asked every few milliseconds, so no client library is started for it."""

from __future__ import annotations

import asyncio
import struct

import psutil

from toccata.standalone.port import LOOPBACK

_SECONDS = 2
_METADATA, _HANDSHAKE, _AUTHENTICATE = 3, 17, 36
_CLIENT = b"toccata"
_MECHANISM = b"PLAIN"


def listens(pid: int, port: int) -> bool:
    """True if this process has the port. Another one could have taken it, and would get our password."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


async def answers(port: int, plain: bytes | None = None) -> bool:
    """True if a Metadata request returns a live broker. The socket opens earlier than that. ``plain`` signs in first."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                if plain is not None and not await _signs_in(reader, writer, plain):
                    return False
                answer = await _ask(reader, writer, _METADATA, 1, struct.pack(">i", 0))
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    (broker_count,) = struct.unpack_from(">i", answer, 4)
    return bool(broker_count > 0)


async def _signs_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plain: bytes) -> bool:
    mechanism = struct.pack(">h", len(_MECHANISM)) + _MECHANISM
    for api, version, body in (
        (_HANDSHAKE, 1, mechanism),
        (_AUTHENTICATE, 0, struct.pack(">i", len(plain)) + plain),
    ):
        (error,) = struct.unpack_from(">h", await _ask(reader, writer, api, version, body), 4)
        if error:
            return False
    return True


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, api: int, version: int, body: bytes
) -> bytes:
    request = struct.pack(">hhih", api, version, 1, len(_CLIENT)) + _CLIENT + body
    writer.write(struct.pack(">i", len(request)) + request)
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)
