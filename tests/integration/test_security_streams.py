"""Live streams that nobody reads: web holds hundreds of them at once, and goes on answering."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from urllib.parse import urlsplit

import pytest

from tests.integration.test_security_connections import memory_of
from tests.support.api import API, signed_in
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers]
STREAMS = 800
_SECONDS = 240
_BYTES_PER_STREAM = 150_000
"""A stream holds the execution, which is small here, and a connection."""
WAITS = """\
id: waits
namespace: streams
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}
"""


async def silent(system: System, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask for a stream, read the head of the answer, and then no more."""
    address = urlsplit(system.url)
    basic = b64encode(":".join(system.auth).encode()).decode()
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {basic}\r\n\r\n".encode())
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_800_silent_streams_cost_little_and_other_requests_are_answered(system: System) -> None:
    async with signed_in(system) as api, asyncio.timeout(_SECONDS):
        await api.save(WAITS)
        execution = (await api.execute("streams", "waits"))["id"]

        async def runs() -> bool:
            return bool((await api.get(execution))["state"]["current"] == "RUNNING")

        await within(30, runs)
        paths = (f"{API}/executions/{execution}/follow", f"{API}/logs/{execution}/follow")
        before = memory_of(system)
        opened = [
            opening
            for first in range(0, STREAMS, 50)
            for opening in await asyncio.gather(
                *(silent(system, paths[number % 2]) for number in range(first, first + 50))
            )
        ]
        try:
            assert len(opened) == STREAMS
            assert memory_of(system) - before < STREAMS * _BYTES_PER_STREAM
            assert (await api.client.get(f"{API}/flows/search")).status_code == 200
            assert (await api.execute("streams", "waits"))["flowId"] == "waits"
            assert (await api.client.delete(f"{API}/executions/{execution}/kill")).status_code < 300
            assert (await api.ended(execution))["state"]["current"] == "KILLED"
            # Each stream of the execution hears of the end, and ends. Those of logs end when web does.
            ends = await asyncio.gather(*(reader.readuntil(b"0\r\n\r\n") for reader, _ in opened[::2]))
            assert all(b"KILLED" in end for end in ends)
        finally:
            for _, writer in opened:
                writer.close()
