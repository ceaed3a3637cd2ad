"""Valid messages with hostile content, as an outsider may write them to public topics. No service dies from one. Each becomes
a dead letter or an ended execution, and pages, rows and good executions are unaffected."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.system import System, within
from toccata.runtime.kafka import Producer, Record

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

NUL = "\x00"
FLOW = """\
id: hostile
namespace: security
inputs:
  - {id: name, type: STRING, defaults: world}
tasks:
  - {id: make, type: io.kestra.plugin.core.debug.Return, format: "Hello, {{ inputs.name }}!"}
triggers:
  - id: on_event
    type: io.toccata.plugin.core.trigger.Event
    eventType: "hostile.*"
    inputs: {name: "{{ trigger.data.name }}"}
"""
NOW = int(time.time() * 1000)
AGES: tuple[Any, ...] = (-1, -(10**18), 10**18, 10**30, 1.5, "soon")
IDS = ("", "a/b/c", NUL, "x" * 10_000, "..", "e\n", "é")


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def start(execution_id: str, **fields: Any) -> dict[str, Any]:
    known = {"execution_id": execution_id, "namespace": "security", "flow_id": "hostile", "at": NOW}
    return {"type": "execution.start.v1", **known, **fields}


def starts() -> Iterator[dict[str, Any]]:
    yield from (start(execution_id) for execution_id in IDS)
    for number, at in enumerate(AGES):
        yield start(f"scheduled{number}", scheduled_at=at)
        yield start(f"at{number}", at=at)
    yield start("inputs", inputs={"name": f"a{NUL}b", NUL: 1})
    yield start("labels", labels={NUL: NUL, "x\r\nSet-Cookie: y": "1"})
    yield start("manyLabels", labels={f"k{number}": "v" for number in range(60_000)})
    yield start("growing", inputs={"name": [1e15] * 30_000})
    yield start("deep", inputs={"name": nested(90)})
    yield start("deeper", inputs={"name": nested(900)})
    yield start("big", inputs={"name": "x" * 880_000})
    yield start("largeNumbers", inputs={"name": 10**30}, attempt_number=1)
    yield start("numbers", attempt_number=10**25)
    yield start("revision", revision=10**25)
    yield start("trigger", trigger={"id": NUL, "type": NUL, "variables": {"executionId": NUL, "n": 10**30}})
    yield start("parent", parent_id=NUL, trigger_key="\x1f", trace_parent=NUL)
    yield start("position", flows_position=10**18)
    yield start("namespace", namespace=NUL, flow_id="../x")


def reports_of(known: dict[str, Any], attempt: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "attempt.started.v1", **known, **attempt}
    yield {"type": "attempt.ended.v1", **known, **attempt, "outputs": {NUL: NUL}}


def commands() -> Iterator[dict[str, Any]]:
    for at in AGES:
        for execution_id in (*IDS, "unknown"):
            known = {"execution_id": execution_id, "at": at}
            attempt = {"task_run_id": NUL, "attempt": 10**25, "worker_id": NUL, "outcome": "succeeded"}
            yield {"type": "execution.kill.v1", **known}
            yield from reports_of(known, attempt)
            yield {"type": "slot.refused.v1", **known, "limit_key": NUL, "behavior": "FAIL"}
    runs: tuple[dict[str, Any], ...] = (
        {"histories": []},
        {"histories": [["FAILED", 10**18]], "outputs_uri": "../../etc/passwd", "value": NUL},
        {"histories": [["FAILED", NOW]], "parent_id": "r", "task_id": "nope"},
        {"histories": [["FAILED", NOW]], "iteration": -(10**9)},
        {"histories": [["FAILED", NOW]], "iteration": 10**9},
        {"histories": [["FAILED", NOW]], "attempts": [{"number": 10**25}]},
    )
    for number, run in enumerate(runs):
        execution_id = f"restarted{number}"
        record = {"id": execution_id, "namespace": "security", "flow_id": "hostile", "revision": 1, "seq": 9}
        yield {
            "type": "execution.restart.v1",
            "execution_id": execution_id,
            "at": NOW,
            "record": {
                **record,
                "histories": [["FAILED", NOW]],
                "labels": {NUL: NUL},
                "task_runs": [{"id": "r", "task_id": "make", **run}],
            },
        }


def workers() -> Iterator[dict[str, Any]]:
    for inbox in (-5, -1, 64, 10**9, 10**30):
        known = {"group": "default", "worker_id": f"evil{inbox}", "inbox": inbox, "at": NOW}
        yield {"type": "worker.announced.v1", **known, "slots": 5}
        yield {"type": "worker.reported.v1", **known, "running": []}
    for name in (NUL, "\x1f", "x" * 5_000):
        known = {"group": name, "worker_id": name, "at": NOW}
        yield {"type": "worker.announced.v1", **known, "inbox": 1, "slots": 10**30, "labels": {NUL: NUL}}
        yield {"type": "worker.announced.v1", **known, "inbox": 1, "slots": 1, "running": [[NUL, 10**30]]}
        yield {"type": "worker.draining.v1", **known, "gone": True, "returned": [[NUL, 1]]}


def events() -> Iterator[tuple[list[tuple[str, bytes]], bytes | None]]:
    named = {"ce_specversion": b"1.0", "ce_type": b"hostile.it", "ce_source": b"/me"}
    odd: tuple[dict[str, bytes], ...] = (
        {"ce_id": NUL.encode()},
        {"ce_id": b"%00%ff%ED%A0%80"},
        {"ce_id": b"\xff"},
        {"ce_id": b"1", "ce_time": b"9999999999"},
        {"ce_id": b"2", "ce_time": b"0001-01-01T00:00:00Z"},
        {"ce_id": b"3", "ce_subject": NUL.encode() * 100},
        {"ce_id": b"4", "ce_source": b"x" * 100_000},
        {"ce_id": b"5", "content-type": b"\xff"},
        {"ce_id": b"6", "": b""},
    )
    values: tuple[bytes | None, ...] = (
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b"[" * 500 + b"]" * 500,
        b'{"name": ' + b"[" * 110 + b"]" * 110 + b"}",
        b'{"name": 1e999}',
        b'{"name": ' + b"9" * 400 + b"}",
        b'{"name": "' + b"x" * 700_000 + b'"}',
        b"",
        None,
    )
    for headers in odd:
        for number, value in enumerate(values):
            own = {**headers, "ce_id": headers["ce_id"] + str(number).encode()}
            yield list({**named, **own}.items()), value


async def publish_all(system: System) -> None:
    producer = Producer(system.kafka, "outsider")
    try:
        for topic, messages, key in (
            ("executions.starts", starts(), "execution_id"),
            ("executions.commands", commands(), "execution_id"),
            ("executions.reports", commands(), "execution_id"),
            ("workers.events", workers(), "group"),
        ):
            for message in messages:
                value = json.dumps(message, ensure_ascii=False).encode()
                await producer.send(topic, [Record(message[key].encode()[:1_000], value)])
        for headers, data in events():
            await producer.send("events", [Record(b"\xff", data, headers)])
        misplaced = json.dumps(start("misplaced")).encode()
        await producer.send("executions.starts", [Record(b"misplaced", misplaced, partition=11)])
        misplaced = json.dumps(start("misplaced2")).encode()
        await producer.send("executions.starts", [Record(None, misplaced, partition=3)])
    finally:
        await producer.stop()


async def test_hostile_messages_stop_nothing(own_system: System) -> None:
    async with signed_in(own_system) as api:
        await api.save(FLOW)
        await publish_all(own_system)

        for number in range(32):  # usually two for each partition
            page = await api.execute("security", "hostile", {"name": str(number)}, wait=True)
            assert page["state"]["current"] == "SUCCESS", page
        for execution_id in ("misplaced", "misplaced2", "inputs", "labels", "manyLabels", "position", "deep"):
            assert (await api.ended(execution_id))["state"]["current"] == "SUCCESS", execution_id
        assert (await api.ended("big"))["state"]["current"] == "FAILED"
        await searchable(api)

    for replica in own_system.replicas.values():
        assert replica.pid  # it is still the same process, because nothing restarts services here
    await own_system.ready()


async def searchable(api: Api) -> None:
    async def look() -> bool:
        answer = await api.client.get(f"{API}/executions/search", params={"size": 100})
        assert answer.status_code == 200, answer.text[:500]
        found = {row["id"] for row in answer.json()["results"]}
        return {"largeNumbers", "labels", "misplaced"} <= found

    await within(30, look)
