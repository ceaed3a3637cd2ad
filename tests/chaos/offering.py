"""Offers executions by event, webhook and API, one third each, and repeats an offer until it is acknowledged. Some it kills soon after."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from typing import Self

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.scalars import derive_id, trigger_key
from tests.chaos.flows import EVENT_TYPE, KEY, NAMESPACE, VIAS, is_to_be_killed
from tests.support.api import API
from tests.support.system import System

BURST = 20
"""Offers in one burst. With bursts, a kill more often interrupts work than with an even stream."""
_CALL_SECONDS = 5.0
_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 2.0
_SOURCE = "/chaos"
_KILL_SECONDS = 1.0
"""At most so long after it was acknowledged. Most of them take less."""


@dataclass
class Offers:
    """Offered and acknowledged executions: number to execution id."""

    system: System
    deadline: float
    accepted: dict[int, str] = field(default_factory=dict)
    repeated: int = 0
    last_refusal: str = ""

    async def make(self, count: int, seconds: float) -> None:
        """Make all offers in bursts. Return once all are acknowledged or the deadline has passed."""
        begin, interval = time.monotonic(), seconds / count
        limits = httpx.Limits(max_connections=64)
        timeout = httpx.Timeout(_CALL_SECONDS, pool=None)
        async with (
            httpx.AsyncClient(
                base_url=self.system.url, auth=self.system.auth, timeout=timeout, limits=limits
            ) as client,
            _Producer(self.system) as producer,
            asyncio.TaskGroup() as group,
        ):
            for n in range(count):
                await asyncio.sleep(max(0.0, begin + n // BURST * BURST * interval - time.monotonic()))
                via = VIAS[n % len(VIAS)]
                if via == "event":
                    group.create_task(self._kill_after(self._publish(producer, n), client, n))
                else:
                    group.create_task(self._kill_after(self._call(client, via, n), client, n))

    async def _kill_after(self, offer: Awaitable[None], client: httpx.AsyncClient, n: int) -> None:
        """Make the offer. Of some, kill the execution then, until web says that it will be, or that it has ended."""
        await offer
        if n not in self.accepted or not is_to_be_killed(n):
            return
        await asyncio.sleep(random.uniform(0, _KILL_SECONDS))
        for pause in self._tries():
            try:
                answer = await client.delete(f"{API}/executions/{self.accepted[n]}/kill")
            except httpx.HTTPError as error:
                await self._again(repr(error), pause)
                continue
            if answer.status_code in {200, 202, 409}:
                return
            # What an event starts may not be there yet.
            assert answer.status_code in {404, 408, 429, 503}, f"{answer.status_code}: {answer.text}"
            await self._again(answer.text, pause)

    async def _publish(self, producer: _Producer, n: int) -> None:
        headers = {"specversion": "1.0", "id": f"n{n}", "type": EVENT_TYPE, "source": _SOURCE}
        for pause in self._tries():
            try:
                await producer.send(json.dumps({"n": n}).encode(), headers)
            except (KafkaError, TimeoutError) as error:
                await self._again(repr(error), pause)
                continue
            key = trigger_key(NAMESPACE, "event", "on_event")
            self.accepted[n] = derive_id("event", key, _SOURCE, f"n{n}")
            return

    async def _call(self, client: httpx.AsyncClient, via: str, n: int) -> None:
        headers = {"Idempotency-Key": f"n{n}"}
        for pause in self._tries():
            try:
                if via == "api":
                    answer = await client.post(
                        f"{API}/executions/{NAMESPACE}/api", files={"n": (None, str(n))}, headers=headers
                    )
                else:
                    path = f"{API}/executions/webhook/{NAMESPACE}/webhook/{KEY}"
                    answer = await client.post(path, json={"n": n}, headers=headers)
            except httpx.HTTPError as error:
                await self._again(repr(error), pause)
                continue
            if answer.status_code == 200:
                self.accepted[n] = answer.json()["id"]
                return
            # In trouble only answers that mean "later" are allowed. A starved caller of its own is too slow for web (408).
            assert answer.status_code in {408, 429, 503}, f"{answer.status_code}: {answer.text}"
            await self._again(answer.text, pause)

    def _tries(self) -> Iterator[float]:
        """Yield, until the deadline, the pause after a failed try."""
        pause = _PAUSE_SECONDS
        while time.monotonic() < self.deadline:
            yield pause
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _again(self, why: str, pause: float) -> None:
        self.repeated += 1
        self.last_refusal = why
        await asyncio.sleep(pause)


class _Producer:
    """A plain producer. It is created anew after a long outage of the broker."""

    def __init__(self, system: System) -> None:
        self._kafka = system.kafka
        self._topic = system.kafka.topic_prefix + "events"
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._producer is not None:
            await self._drop(self._producer)

    async def send(self, value: bytes, attributes: dict[str, str]) -> None:
        headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
        producer = await self._connected()
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                await producer.send_and_wait(self._topic, value, headers=headers)
        except (KafkaError, TimeoutError):
            await self._drop(producer)
            raise

    async def _connected(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                self._producer = await self._started()
            return self._producer

    async def _started(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka.bootstrap_servers, acks="all", request_timeout_ms=5_000
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _drop(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        with contextlib.suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(producer.stop(), _CALL_SECONDS)
