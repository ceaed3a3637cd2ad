"""A topic of Kafka is subscribed to on a running system: each record starts one execution, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from tests.support.api import API, Api, signed_in
from tests.support.system import System, within
from toccata.runtime.topic_admin import connected_admin

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

COUNT = 60
NAMESPACE = "subscriptions"


def flow(system: System, topic: str, name: str) -> str:
    return f"""\
id: {name}
namespace: {NAMESPACE}
tasks:
  - {{id: r, type: io.kestra.plugin.core.debug.Return, format: "{{{{ trigger.value.n }}}}"}}
triggers:
  - id: orders
    type: io.kestra.plugin.kafka.RealtimeTrigger
    topic: {topic}
    groupId: {topic}
    valueDeserializer: JSON
    when: "{{{{ trigger.value.wanted }}}}"
    properties:
      bootstrap.servers: {system.kafka.bootstrap_servers}
      auto.offset.reset: earliest
"""


@asynccontextmanager
async def a_topic(system: System, name: str) -> AsyncIterator[AIOKafkaProducer]:
    """Make a topic, and give a producer."""
    admin = await connected_admin(system.kafka)
    producer = AIOKafkaProducer(bootstrap_servers=system.kafka.bootstrap_servers)
    await producer.start()
    try:
        await admin.create_topics([NewTopic(name, 3, 1)])
        yield producer
    finally:
        await producer.stop()
        await admin.delete_topics([name])
        await admin.close()


async def send(producer: AIOKafkaProducer, topic: str, n: int, *, wanted: bool = True) -> None:
    await producer.send_and_wait(topic, json.dumps({"n": n, "wanted": wanted}).encode())


async def started(api: Api, name: str) -> list[int]:
    """Return the numbers of the records that started executions."""
    answer = await api.client.get(
        f"{API}/executions/search",
        params={"filters[flowId][EQUALS]": name, "filters[namespace][EQUALS]": NAMESPACE, "size": "200"},
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return [each["trigger"]["variables"]["value"]["n"] for each in found]


async def test_each_record_starts_one_execution_while_workers_and_listeners_die(own_system: System) -> None:
    topic = f"{own_system.kafka.topic_prefix}orders"
    async with a_topic(own_system, topic) as producer, signed_in(own_system) as api:
        await api.save(flow(own_system, topic, "live"))
        for n in range(COUNT):
            await send(producer, topic, n, wanted=n % 10 != 9)
            if n in (COUNT // 3, COUNT // 2):
                victim = "worker" if n == COUNT // 3 else "trigger-listener"
                own_system.kill(victim)
                await own_system.replicas[victim].wait()
                await own_system.start(victim, wait=False)
        wanted = [n for n in range(COUNT) if n % 10 != 9]

        async def all_there() -> bool:
            return len(await started(api, "live")) >= len(wanted)

        await within(120, all_there)
        await send(producer, topic, COUNT)

        async def last_there() -> bool:
            return COUNT in await started(api, "live")

        await within(60, last_there)
        assert sorted(await started(api, "live")) == [*wanted, COUNT]


async def test_a_disabled_trigger_takes_nothing_and_goes_on_where_it_was(system: System) -> None:
    topic = f"{system.kafka.topic_prefix}paused"
    async with a_topic(system, topic) as producer, signed_in(system) as api:
        await api.save(flow(system, topic, "paused"))
        await send(producer, topic, 0)

        async def there(*numbers: int) -> None:
            async def look() -> bool:
                return sorted(await started(api, "paused")) == list(numbers)

            await within(60, look)

        async def disable(disabled: str) -> None:
            body = {"namespace": NAMESPACE, "flowId": "paused", "triggerId": "orders"}
            answer = await api.client.put(f"{API}/triggers", json={**body, "disabled": disabled == "true"})
            assert answer.status_code == 200, answer.text

        await there(0)
        await disable("true")
        await send(producer, topic, 1)
        await asyncio.sleep(0)
        await disable("false")
        await send(producer, topic, 2)
        await there(0, 1, 2)
