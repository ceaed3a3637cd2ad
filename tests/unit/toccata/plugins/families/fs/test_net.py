"""Texts over TCP and UDP, with real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from toccata.plugin import TaskType
from toccata.plugins.families.fs import net


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class Listener(asyncio.DatagramProtocol):
    """Hears one message, over TCP or UDP."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.port = 0

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.heard.set_result(data)

    async def open(self, task: TaskType) -> None:
        if task is net.UDP_SEND:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: self, ("127.0.0.1", 0)
            )
            self.port = transport.get_extra_info("sockname")[1]
            return
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.set_result(await reader.read())
        writer.close()


@pytest.mark.parametrize("task", [net.TCP_SEND, net.UDP_SEND], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("encoding", "payload", "content"),
    [
        ("UTF-8", "Grüße", "Grüße".encode()),
        ("ISO-8859-1", "ü", b"\xfc"),
        ("BASE64", "AAE=", b"\0\1"),
        ("HEX", "ff00", b"\xff\0"),
    ],
)
async def test_a_text_is_sent(
    bench: Bench, task: TaskType, encoding: str, payload: str, content: bytes
) -> None:
    listener = Listener()
    await listener.open(task)
    written = {"host": "127.0.0.1", "port": listener.port, "payload": payload, "encoding": encoding}
    assert good(await bench.run(task, written)) == {
        "host": "127.0.0.1",
        "port": listener.port,
        "sentBytes": len(content),
    }
    assert await asyncio.wait_for(listener.heard, 20) == content


async def test_what_fails_says_why(bench: Bench) -> None:
    written = {"host": "127.0.0.1", "port": 1, "payload": "x"}
    assert (await why(bench, net.TCP_SEND, written)).startswith("127.0.0.1:1 cannot be reached: ")
    assert "nobody knows `nonsense`" in await why(bench, net.TCP_SEND, {**written, "encoding": "nonsense"})
    assert "does not fit the encoding HEX" in await why(bench, net.UDP_SEND, {**written, "encoding": "HEX"})
    assert "no-such-host.invalid" in await why(
        bench, net.UDP_SEND, {**written, "host": "no-such-host.invalid"}
    )


@pytest.mark.parametrize("task", [net.TCP_SEND, net.UDP_SEND], ids=lambda each: each.name)
async def test_the_example_runs(bench: Bench, task: TaskType) -> None:
    listener = Listener()
    await listener.open(task)
    hosts = {"metrics.example.com": "127.0.0.1", '"2003"': f'"{listener.port}"'}
    good(await bench.run(task, example(task, hosts=hosts), variables={"inputs": {"rows": 3}}))
    assert await asyncio.wait_for(listener.heard, 20) == b"load.rows 3"
