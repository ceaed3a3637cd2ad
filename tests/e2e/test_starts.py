"""What starts executions: events of any producer, webhooks, the clock. Also what any consumer sees of them."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support.api import API, anonymous, outputs, signed_in, states
from tests.support.life import Life, plain_producer, watching

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

BY_EVENT = """\
id: {id}
namespace: e2e
inputs:
  - id: amount
    type: INT
tasks:
  - id: take
    type: io.kestra.plugin.core.output.OutputValues
    values:
      amount: "{{{{ inputs.amount }}}}"
      of: "{{{{ trigger.id }}}} {{{{ trigger.type }}}} {{{{ trigger.source }}}}"
triggers:
  - id: on_event
    type: io.toccata.plugin.core.trigger.Event
    {match}
    when: "{{{{ trigger.data.amount > 100 }}}}"
    inputs:
      amount: "{{{{ trigger.data.amount }}}}"
"""
EVERY_SECOND = """\
id: {id}
namespace: e2e
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ trigger.date }}}}"
triggers:
  - id: tick
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "* * * * * *"
    withSeconds: true
"""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
HOOKED = """\
id: hooked
namespace: e2e
tasks:
  - id: say
    type: io.kestra.plugin.core.output.OutputValues
    values:
      body: "{{ trigger.body.list[1] }}"
      header: "{{ trigger.headers['X-Reason'][0] }}"
      parameter: "{{ trigger.parameters.which[1] }}"
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: a-long-secret-key
"""


def cloud_event(event_id: str, event_type: str, source: str = "/shop") -> list[tuple[str, bytes]]:
    headers = {"specversion": "1.0", "id": event_id, "type": event_type, "source": source}
    return [(f"ce_{name}", value.encode()) for name, value in headers.items()] + [
        ("content-type", b"application/json")
    ]


def ids_of(life: Life, flow_id: str) -> set[str]:
    return {seen.id for seen in life.of_flow(flow_id)}


async def test_a_cloud_event_starts_a_flow_once_and_a_plain_consumer_sees_its_whole_life(system):
    events, public = (system.kafka.topic_prefix + name for name in ("events", "executions.events"))
    consumer = AIOKafkaConsumer(
        public, bootstrap_servers=system.kafka.bootstrap_servers, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    try:
        async with signed_in(system) as api, plain_producer(system.kafka) as producer:
            await api.save(BY_EVENT.format(id="by_cloud_event", match="eventType: order.created"))
            first, small, last = (uuid.uuid4().hex for _ in range(3))
            send = producer.send_and_wait
            await send(events, b'{"amount": 120}', headers=cloud_event(first, "order.created"))
            await send(events, b'{"amount": 120}', headers=cloud_event(first, "order.created"))
            await send(events, b'{"amount": 7}', headers=cloud_event(small, "order.created"))
            await send(events, b'{"amount": 130}', headers=cloud_event(uuid.uuid4().hex, "order.paid"))
            # Events with the same key or without one may go to other partitions. A last event shows that the earlier ones were judged.
            await send(events, b'{"amount": 120}', headers=cloud_event(first, "order.created"))
            await send(events, b'{"amount": 140}', headers=cloud_event(last, "order.created"))

            lives: dict[str, list[dict[str, Any]]] = {}
            flows: dict[str, str] = {}
            async with asyncio.timeout(30):
                while sum(told[-1]["type"] == "execution.ended.v1" for told in lives.values()) < 2:
                    record = await consumer.getone()
                    if not any(name == "ce_type" for name, _ in record.headers):
                        continue
                    event = json.loads(record.value)
                    execution_id = record.key.decode()
                    if event["type"] == "execution.created.v1":
                        flows[execution_id] = event["flow_id"]
                    if flows.get(execution_id) == "by_cloud_event":
                        headers = dict(record.headers)
                        assert headers["ce_type"].decode() == event["type"]
                        assert headers["ce_subject"].decode() == execution_id
                        assert {"ce_id", "ce_source", "ce_time", "ce_specversion"} <= headers.keys()
                        lives.setdefault(execution_id, []).append(event)

            for told in lives.values():
                assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
                assert [event["type"].removesuffix(".v1") for event in told] == [
                    "execution.created",
                    "execution.started",
                    "taskrun.created",
                    "taskrun.started",
                    "taskrun.ended",
                    "execution.ended",
                ]
                assert told[-1]["state"] == "SUCCESS"
            found = {outputs(await api.get(i), "take")["values"]["of"] for i in lives}
            assert found == {f"{first} order.created /shop", f"{last} order.created /shop"}

            page = await api.client.get(f"{API}/executions?namespace=e2e&flowId=by_cloud_event")
            assert page.json()["total"] == 2
    finally:
        await consumer.stop()


async def test_plain_json_on_a_named_topic_starts_a_flow(system):
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=system.kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 2, 1)])
    await admin.close()
    async with (
        signed_in(system) as api,
        plain_producer(system.kafka) as producer,
        watching(system.kafka) as watch,
    ):
        await api.save(BY_EVENT.format(id=topic, match=f"topic: {topic}"))
        sent = await producer.send_and_wait(topic, b'{"amount": 120}')
        (seen,) = await watch.started_of(topic)
        await watch.ended(seen.id)
        taken = outputs(await api.get(seen.id), "take")["values"]
        assert taken["amount"] == "120"
        assert taken["of"].split()[0] == f"{topic}/{sent.partition}/{sent.offset}"
        # The same value again is another event, because its coordinates are its identity.
        await producer.send_and_wait(topic, b'{"amount": 120}')
        await watch.started_of(topic, 2)


async def test_a_webhook_gives_body_headers_and_parameters(system):
    async with signed_in(system) as api, anonymous(system) as caller:
        await api.save(HOOKED)
        path = f"{API}/executions/webhook/e2e/hooked/a-long-secret-key"
        answer = await caller.post(
            path,
            params=[("which", "this"), ("which", "that")],
            json={"list": [1, {"a": 2}]},
            headers={"X-Reason": "because", "traceparent": TRACE},
        )
        assert answer.status_code == 200, answer.text
        page = await api.ended(answer.json()["id"])
        assert page["traceParent"] == TRACE
        assert outputs(page, "say")["values"] == {"body": '{"a":2}', "header": "because", "parameter": "that"}
        wrong = await caller.post(path + "x", json={})
        assert wrong.status_code == 404


async def test_a_webhook_with_the_same_idempotency_key_is_one_execution(system):
    async with signed_in(system) as api, anonymous(system) as caller, watching(system.kafka) as watch:
        await api.save(HOOKED.replace("id: hooked", "id: hooked_once"))
        path = f"{API}/executions/webhook/e2e/hooked_once/a-long-secret-key?which=a&which=b"
        calls = [
            caller.post(path, json={"list": [1, 2]}, headers={"Idempotency-Key": "k1", "X-Reason": "r"})
            for _ in range(5)
        ]
        ids = {answer.json()["id"] for answer in await asyncio.gather(*calls)}
        assert len(ids) == 1
        await watch.ended(ids.pop())
        assert len(watch.life.of_flow("hooked_once")) == 1


async def test_a_schedule_fires_each_slot_once_over_a_restart_of_trigger_listener(own_system):
    system = own_system
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(EVERY_SECOND.format(id="ticking"))
        await watch.started_of("ticking", 3)
        await system.restart("trigger-listener", kill=True)
        count = len(ids_of(watch.life, "ticking"))
        await watch.started_of("ticking", count + 2)
        await system.restart("trigger-listener")
        count = len(ids_of(watch.life, "ticking"))
        await watch.started_of("ticking", count + 3)
        await api.client.delete(f"{API}/flows/e2e/ticking")
        began = time.monotonic()
        ended = [await watch.ended(i) for i in ids_of(watch.life, "ticking")]
        assert time.monotonic() - began < 20
        slots = sorted(
            datetime.fromisoformat(run.outputs["value"]) for seen in ended for run in seen.runs.values()
        )
        gaps = {(after - before).total_seconds() for before, after in pairwise(slots)}
        assert gaps == {1.0}, slots


async def test_a_restarted_worker_and_executor_keep_states(own_system):
    """Restart each once with SIGKILL during work. Nothing is lost or doubled."""
    system = own_system
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(
            "id: long\nnamespace: e2e\ntasks:\n"
            "  - {id: before, type: io.kestra.plugin.core.debug.Return, format: kept}\n"
            "  - {id: sleep, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}\n"
            '  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.before.value }}"}\n'
        )
        started = [(await api.execute("e2e", "long"))["id"] for _ in range(5)]
        for execution_id in started:
            await watch.until(execution_id, lambda seen: "sleep" in seen.states())
        system.kill("executor")
        system.kill("worker")
        for name in ("executor", "worker"):
            await system.replicas[name].wait()
        await system.start("executor", "worker")
        for execution_id in started:
            seen = await watch.ended(execution_id, 60)
            assert seen.state.value == "SUCCESS"
            assert seen.run("after").outputs == {"value": "kept"}
            page = await api.ended(execution_id)
            assert set(states(page).values()) == {"SUCCESS"}


CONDITIONED = """\
id: conditioned
namespace: e2e
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: another-long-secret-key
    conditions:
      - type: io.kestra.plugin.core.condition.Or
        conditions:
          - {type: io.kestra.plugin.core.condition.Expression, expression: "{{ trigger.body.go == 'now' }}"}
          - {type: io.kestra.plugin.core.condition.Weekend, date: "{{ trigger.body.day }}"}
"""


async def test_conditions_of_a_trigger_decide_whether_it_starts(system):
    async with signed_in(system) as api, anonymous(system) as stranger:
        await api.save(CONDITIONED)
        answers = [
            await stranger.post(
                f"{API}/executions/webhook/e2e/conditioned/another-long-secret-key", json=body
            )
            for body in (
                {"go": "now", "day": "2026-11-30T00:00:00Z"},
                {"go": "later", "day": "2026-11-28T00:00:00Z"},
                {"go": "later", "day": "2026-11-30T00:00:00Z"},
            )
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 204]
