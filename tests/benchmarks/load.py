"""Open-loop load over webhooks: requests leave at planned times even if earlier ones are unanswered, and latency counts
from the planned time (no coordinated omission). A plain consumer of ``executions.events`` sees the end."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from contracts.topics import TOPICS
from toccata.runtime.fetch import Reader
from toccata.runtime.settings import KafkaSettings


@dataclass(slots=True)
class Result:
    offered_per_minute: float
    latencies_ms: list[float]
    refused: int
    missing: int
    seconds: float

    def row(self) -> str:
        if not self.latencies_ms:
            return f"{self.offered_per_minute:>9.0f}  nothing ended; refused {self.refused}, missing {self.missing}"
        ended = len(self.latencies_ms) / self.seconds * 60
        return (
            f"{self.offered_per_minute:>9.0f}{ended:>10.0f}{statistics.fmean(self.latencies_ms):>9.1f}{self.at(0.5):>9.1f}"
            f"{self.at(0.95):>9.1f}{self.at(0.99):>9.1f}{self.refused:>9}{self.missing:>9}"
        )

    def at(self, share: float) -> float:
        """Return a percentile in milliseconds; infinite if nothing ended."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("inf")

    @property
    def p99(self) -> float:
        return self.at(0.99)


HEADER = f"{'offered/m':>9}{'ended/m':>10}{'mean':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'refused':>9}{'missing':>9}   (ms)"


@dataclass(slots=True)
class Ends:
    """Arrival times of ``execution.ended`` by execution id."""

    reader: Reader
    at: dict[str, float] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        while True:
            for records in (await self.reader.poll()).values():
                now = time.perf_counter()
                for record in records:
                    if record.value is not None and record.value.startswith(b'{"type":"execution.ended'):
                        self.at[(record.key or b"").decode()] = now
            self.arrived.set()


async def ends_of(kafka: KafkaSettings) -> Ends:
    reader = Reader(kafka, "benchmark")
    topic = "executions.events"
    await reader.assign({(topic, number): "latest" for number in range(TOPICS[topic].partitions)})
    return Ends(reader)


class Connections:
    """A few cheap keep-alive HTTP/1.1 connections, because the machine is shared with the measured system."""

    def __init__(self, url: str, size: int = 16) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._size = size

    async def open(self) -> None:
        for _ in range(self._size):
            self._idle.put_nowait(await asyncio.open_connection(self._host, self._port))

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        reader, writer = await self._idle.get()
        try:
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            lowered = head.lower()
            start = lowered.index(b"content-length:") + 15
            length = int(lowered[start : lowered.index(b"\r", start)])
            content = await reader.readexactly(length)
            return int(head.split(b" ", 2)[1]), content
        finally:
            self._idle.put_nowait((reader, writer))

    async def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait()[1].close()


async def paced(per_minute: float, seconds: float, one: Callable[[float], Awaitable[None]]) -> float:
    """Call ``one`` with its planned time at a fixed rate, however slow earlier calls are. Return the time of the first."""
    interval, count = 60 / per_minute, int(per_minute * seconds / 60)
    begin = time.perf_counter() + 0.1
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            at = begin + number * interval
            if (pause := at - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            group.create_task(_called(one, at))
    return begin


async def _called(one: Callable[[float], Awaitable[None]], at: float) -> None:
    await one(at)


async def offer(url: str, path: str, ends: Ends, per_minute: float, seconds: float) -> Result:
    """Send webhooks at a fixed rate for some seconds, then wait at most 30 s until all executions have ended."""
    connections = Connections(url)
    await connections.open()
    planned: dict[str, float] = {}
    refused = 0

    async def one(at: float) -> None:
        nonlocal refused
        status, body = await connections.post(path, b"{}")
        if status == 200:
            planned[orjson.loads(body)["id"]] = at
        else:
            refused += 1

    begin = await paced(per_minute, seconds, one)
    deadline = time.perf_counter() + 30
    while any(execution not in ends.at for execution in planned) and time.perf_counter() < deadline:
        ends.arrived.clear()
        await asyncio.wait_for(ends.arrived.wait(), 35)
    await connections.close()
    ended = [execution for execution in planned if execution in ends.at]
    latencies = [(ends.at[execution] - planned[execution]) * 1000 for execution in ended]
    last = max((ends.at[execution] for execution in ended), default=begin)
    return Result(per_minute, latencies, refused, len(planned) - len(ended), last - begin)
