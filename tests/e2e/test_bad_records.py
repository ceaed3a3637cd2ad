"""Bad records on topics: each unusable record becomes a dead letter with its coordinates, or changes nothing. No service
dies from it, and the next good execution runs."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from contracts.codec import encode
from contracts.execution import AttemptEnded, AttemptStarted, StartExecution
from contracts.topics import TOPICS
from contracts.work import AttemptKey, WorkerAnnounced, WorkerReported
from tests.support.api import Api, outputs, signed_in, states
from tests.support.life import plain_producer, records_of, watching
from tests.support.system import System, running_system, within
from toccata.runtime.dead_letter import DeadLetter, decode_dead_letter

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

READ = (
    "events",
    "executions.starts",
    "executions.commands",
    "executions.reports",
    "executions.events",
    "dispatch.commands",
    "workers.inbox",
    "workers.events",
    "attempts.logs",
    "attempts.metrics",
    "limits.commands",
    "registry.commands",
    "flows.state",
    "triggers.commands",
    "triggers.events",
)
"""Every topic that services read, except journals and snapshots. Nobody else may write those, and they must not be skipped."""
LARGE = 900_000
GARBAGE: dict[str, bytes | None] = {
    "bytes": b"\xff\xfe\x00\x01",
    "no_json": b"not json {",
    "no_value": None,
    "a_list": b"[1, 2]",
    "a_number": b"42",
    "no_type": b"{}",
    "unknown_type": b'{"type": "no.such.message.v1"}',
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "large": b"x" * LARGE,
    "large_json": json.dumps({"type": "no.such.message.v1", "text": "y" * LARGE}).encode(),
}
VERSIONS = {
    "executions.starts": "execution.start.v99",
    "executions.commands": "execution.kill.v99",
    "executions.reports": "attempt.ended.v99",
    "executions.events": "execution.ended.v99",
    "dispatch.commands": "dispatch.enqueue.v99",
    "workers.inbox": "attempt.run.v99",
    "workers.events": "worker.announced.v99",
}
PASSED_OVER = frozenset({"unknown_type", "large_json", "wrong_version"})
"""Kinds that may come from a newer version. Readers of public events pass over them, and count them."""
PUBLIC_OUT = frozenset(name for name, topic in TOPICS.items() if topic.visibility == "public out")
TINY = """\
id: {id}
namespace: bad_records
inputs:
  - id: text
    type: STRING
    defaults: fine
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT0.3S
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ inputs.text | length }}}}"
triggers:
  - id: on_event
    type: io.toccata.plugin.core.trigger.Event
    eventType: {id}
    inputs:
      text: "{{{{ trigger.data.text }}}}"
"""


class Bench:
    """The system, a plain producer, and checks of the results."""

    def __init__(self, system: System, api: Api, producer: AIOKafkaProducer) -> None:
        self.system = system
        self.api = api
        self._producer = producer
        self._pids = {name: replica.pid for name, replica in system.replicas.items()}

    async def send(
        self, topic: str, value: bytes | None, key: str = "k", **more: Any
    ) -> tuple[str, int, int]:
        name = self.system.kafka.topic_prefix + topic
        sent = await self._producer.send_and_wait(name, value, key=key.encode(), **more)
        return topic, sent.partition, sent.offset

    async def inbox(self) -> int:
        """Return the partition that the worker announced as its inbox."""
        for record in await records_of(self.system.kafka, "workers.events"):
            if record.value is not None and b"worker.announced.v1" in record.value:
                return int(json.loads(record.value)["inbox"])
        raise AssertionError("no worker announced itself")

    async def buried(self, *coordinates: tuple[str, int, int]) -> dict[tuple[str, int, int], DeadLetter]:
        """Return the dead letters of these records, once each record has one."""

        async def look() -> dict[tuple[str, int, int], DeadLetter]:
            letters = [decode_dead_letter(r.value) for r in await records_of(self.system.kafka, "dead")]
            found = {(each.topic, each.partition, each.offset): each for each in letters}
            missing = [each for each in coordinates if each not in found]
            assert not missing, f"no dead letter for {missing}"
            return found

        return await within(20, look, AssertionError)

    async def still_works(self, flow_id: str) -> None:
        await self.api.save(TINY.format(id=flow_id))
        began = time.monotonic()
        page = await self.api.execute("bad_records", flow_id, wait=True)
        assert states(page) == {"nap": "SUCCESS", "say": "SUCCESS"}
        assert (await self.api.ended(page["id"], 10))["state"]["current"] == "SUCCESS"
        assert time.monotonic() - began < 10
        for name, replica in self.system.replicas.items():
            assert replica.pid == self._pids[name], f"{name} was restarted:\n{replica.tail()}"


@pytest.fixture(scope="module")
async def battered(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """One system for all tests here and no others, because they leave bad records on its topics."""
    async with running_system(kafka, postgres_server, tmp_path_factory.mktemp("battered")) as running:
        yield running


@pytest.fixture
async def bench(battered: System) -> AsyncIterator[Bench]:
    async with signed_in(battered) as api, plain_producer(battered.kafka) as producer:
        yield Bench(battered, api, producer)


@pytest.mark.parametrize("topic", READ)
async def test_garbage_becomes_dead_letters_and_the_next_good_one_runs(bench: Bench, topic: str):
    await bench.api.save(TINY.format(id="garbage"))  # afterwards every reader has begun
    kinds = dict(GARBAGE)
    if topic in VERSIONS:
        kinds["wrong_version"] = json.dumps({"type": VERSIONS[topic], "execution_id": "e"}).encode()
    if topic == "flows.state":
        del kinds["no_value"]  # there no value means deleted
    where = {"partition": await bench.inbox()} if topic == "workers.inbox" else {}
    sent = {kind: await bench.send(topic, value, f"k{kind}", **where) for kind, value in kinds.items()}
    await bench.still_works("garbage")
    passed_over = PASSED_OVER if topic in PUBLIC_OUT else frozenset()
    letters = await bench.buried(*(at for kind, at in sent.items() if kind not in passed_over))
    for kind, coordinates in sent.items():
        if kind in passed_over:
            assert coordinates not in letters, kind
            continue
        letter = letters[coordinates]
        assert letter.reason, kind
        assert len(letter.value) < 300_000


async def test_a_start_too_large_to_record_ends_with_a_reason(bench: Bench):
    await bench.api.save(TINY.format(id="large_start"))
    execution_id = str(uuid.uuid4())
    command = StartExecution(
        execution_id=execution_id,
        namespace="bad_records",
        flow_id="large_start",
        at=time.time_ns() // 1_000_000,
        inputs={"text": "z" * LARGE},
    )
    sent = await bench.send("executions.starts", encode(command), key=execution_id)
    async with watching(bench.system.kafka) as watch:

        async def refused() -> bool:
            dead = [decode_dead_letter(r.value) for r in await records_of(bench.system.kafka, "dead")]
            ended = watch.life.has_ended(execution_id)
            return ended or sent in [(d.topic, d.partition, d.offset) for d in dead]

        await within(20, refused)
        seen = watch.life.executions.get(execution_id)
        if seen is not None:
            assert seen.state.value == "FAILED"
            assert seen.reason or any(run.message for run in seen.runs.values())
    await bench.still_works("large_start")


async def test_an_event_too_large_to_start_anything_is_buried(bench: Bench):
    await bench.api.save(TINY.format(id="large_event"))
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", uuid.uuid4().hex.encode()),
        ("ce_type", b"large_event"),
        ("ce_source", b"/test"),
    ]
    value = json.dumps({"text": "z" * LARGE}).encode()
    sent = await bench.send("events", value, headers=headers)
    letter = (await bench.buried(sent))[sent]
    assert "bytes" in letter.reason
    await bench.still_works("large_event")


@pytest.mark.parametrize("drop", ["ce_id", "ce_source", "ce_type", "ce_specversion"])
async def test_an_event_without_its_attributes_is_buried(bench: Bench, drop: str):
    attributes = {"ce_specversion": b"1.0", "ce_id": b"1", "ce_type": b"t", "ce_source": b"/s"}
    del attributes[drop]
    sent = await bench.send("events", b"{}", headers=list(attributes.items()))
    assert drop in (await bench.buried(sent))[sent].reason


async def test_a_start_of_an_unknown_flow_changes_nothing_else(bench: Bench):
    for name in ("nowhere", "../x", "a" * 5_000, "\x00"):
        command = StartExecution(
            execution_id=str(uuid.uuid4()), namespace="n", flow_id=name, at=time.time_ns() // 1_000_000
        )
        await bench.send("executions.starts", encode(command), key=command.execution_id)
    await bench.still_works("after_unknown")


FORGED: dict[str, dict[str, Any]] = {
    "labels": {"labels": {"system.username": "admin@kestra.io"}},
    "trigger": {"trigger": {"id": "hook", "type": "Webhook", "variables": {"body": {"approved": True}}}},
    "trigger_key": {"trigger_key": "bad_records/forged/nightly"},
    "parent": {"parent_id": "5At68i8EaAWiJ4QDyNQ5e0"},
    "revision": {"revision": 1},
    "id of ours": {"execution_id": "5At68i8EaAWiJ4QDyNQ5e0"},
}


async def test_a_start_from_outside_cannot_say_what_only_services_say(bench: Bench):
    await bench.api.save(TINY.format(id="forged"))
    sent = {}
    for name, forgery in FORGED.items():
        start = {
            "type": "execution.start.v1",
            "execution_id": str(uuid.uuid4()),
            "namespace": "bad_records",
            "flow_id": "forged",
            "at": time.time_ns() // 1_000_000,
            **forgery,
        }
        sent[name] = await bench.send("executions.starts", json.dumps(start).encode(), start["execution_id"])
    letters = await bench.buried(*sent.values())
    for name, coordinates in sent.items():
        assert "only a service may say this" in letters[coordinates].reason, name
    honest = StartExecution(
        execution_id=str(uuid.uuid4()),
        namespace="bad_records",
        flow_id="forged",
        at=time.time_ns() // 1_000_000,
        inputs={"text": "abc"},
        labels={"team": "shop"},
    )
    async with watching(bench.system.kafka) as watch:
        await bench.send("executions.starts", encode(honest), honest.execution_id)

        async def ended() -> bool:
            return watch.life.has_ended(honest.execution_id)

        await within(30, ended)
        assert watch.life.executions[honest.execution_id].state.value == "SUCCESS"


def _ended(execution_id: str, task_run_id: str, attempt: int, **more: Any) -> AttemptEnded:
    at = time.time_ns() // 1_000_000
    return AttemptEnded(
        execution_id=execution_id,
        task_run_id=task_run_id,
        attempt=attempt,
        outcome=more.pop("outcome", "succeeded"),
        at=at,
        worker_id="liar",
        **more,
    )


async def test_a_worker_that_lies_changes_nothing(bench: Bench):
    await bench.api.save(TINY.format(id="lied_to"))
    async with watching(bench.system.kafka) as watch:
        started = (await bench.api.execute("bad_records", "lied_to"))["id"]
        seen = await watch.until(started, lambda each: "nap" in each.states())
        nap = seen.run("nap").id
        lies: dict[str, Callable[[], Any]] = {
            "attempt below": lambda: _ended(started, nap, -1, outcome="failed"),
            "unknown execution": lambda: _ended("no-such-execution", nap, 1),
            "unknown task run": lambda: _ended(started, "no-such-run", 1),
            "attempt to come": lambda: _ended(started, nap, 99, outputs={"lie": 1}),
            "attempt nought": lambda: _ended(started, nap, 0, outputs={"lie": 1}),
            "started what is unknown": lambda: AttemptStarted(
                execution_id=started, task_run_id="no-such-run", attempt=1, worker_id="liar", at=0
            ),
        }
        for lie in lies.values():
            message = lie()
            await bench.send("executions.reports", encode(message), key=message.execution_id)
        await watch.ended(started)
        for run in list(seen.runs.values()):
            for outcome in ("succeeded", "failed", "lost", "cancelled"):
                doubled = _ended(started, run.id, 1, outcome=outcome, outputs={"lie": 2})
                await bench.send("executions.reports", encode(doubled), key=started)
        await bench.still_works("lied_to")
        seen = watch.life.executions[started]
        assert seen.states() == {"nap": "SUCCESS", "say": "SUCCESS"}
        assert seen.run("say").outputs == {"value": "4"}
        assert "lie" not in (seen.run("nap").outputs or {})
        assert len([e for e in watch.life.events[started] if type(e).__name__ == "ExecutionEnded"]) == 1
    page = await bench.api.get(started)
    assert outputs(page, "say") == {"value": "4"}


async def test_a_worker_that_is_not_there_delays_but_loses_nothing(own_system: System):
    """It announces many places and an inbox that does not exist, and then stays silent."""
    async with signed_in(own_system) as api, plain_producer(own_system.kafka) as producer:
        bench = Bench(own_system, api, producer)
        await api.save(TINY.format(id="ghosts"))
        at = time.time_ns() // 1_000_000
        for name, inbox in (("ghost-1", 3), ("ghost-2", 9_999), ("ghost-3", -5)):
            ghost = WorkerAnnounced(group="default", worker_id=name, inbox=inbox, slots=500, at=at)
            await bench.send("workers.events", encode(ghost), key="default")
        lie = WorkerReported(group="default", worker_id="worker", at=at, ended=[AttemptKey("no-such", 1)])
        await bench.send("workers.events", encode(lie), key="default")
        async with watching(own_system.kafka) as watch:
            started = [(await api.execute("bad_records", "ghosts"))["id"] for _ in range(10)]
            for execution_id in started:
                seen = await watch.ended(execution_id, 60)
                assert seen.states() == {"nap": "SUCCESS", "say": "SUCCESS"}
        await bench.still_works("ghosts")
