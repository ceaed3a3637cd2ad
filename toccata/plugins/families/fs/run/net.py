"""``fs.tcp.Send`` and ``fs.udp.Send``"""

from __future__ import annotations

import asyncio
import base64
import binascii
from contextlib import suppress

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.fs.net import Send, TcpSend, UdpSend

_SECONDS = 10.0


async def tcp(task: TcpSend, run: RunContext) -> Outputs:
    del run
    content = _content(task)
    limit = _SECONDS if task.timeout is None else task.timeout.total_seconds()
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(task.host, task.port)
            try:
                writer.write(content)
                await writer.drain()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        raise TaskFailed(f"{task.host}:{task.port}: not sent within {limit:g} s") from None
    except OSError as error:
        raise TaskFailed(f"{task.host}:{task.port} cannot be reached: {error.strerror or error}") from None
    return _outputs(task, content)


async def udp(task: UdpSend, run: RunContext) -> Outputs:
    del run
    content = _content(task)
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_datagram_endpoint(
            _Failures, remote_addr=(task.host, task.port)
        )
    except OSError as error:
        raise TaskFailed(f"{task.host}:{task.port}: {error.strerror or error}") from None
    try:
        transport.sendto(content)
    finally:
        transport.close()
    if protocol.error is not None:
        raise TaskFailed(f"{task.host}:{task.port}: {protocol.error.strerror or protocol.error}")
    return _outputs(task, content)


class _Failures(asyncio.DatagramProtocol):
    error: OSError | None = None

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self.error = exc


def _content(task: Send) -> bytes:
    try:
        if task.encoding.upper() == "BASE64":
            return base64.b64decode(task.payload, validate=True)
        if task.encoding.upper() == "HEX":
            return bytes.fromhex(task.payload)
        return task.payload.encode(task.encoding)
    except LookupError:
        raise TaskFailed(f"encoding: nobody knows `{task.encoding}`") from None
    except (binascii.Error, ValueError) as error:
        raise TaskFailed(f"payload: does not fit the encoding {task.encoding}: {error}") from None


def _outputs(task: Send, content: bytes) -> Outputs:
    return {"host": task.host, "port": task.port, "sentBytes": len(content)}
