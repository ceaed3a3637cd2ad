"""Web on a real Kafka and a real PostgreSQL, with an indexer. The test plays the executor and the registry."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from contracts import codec
from contracts.codec import Codec
from contracts.execution import (
    ExecutionCommand,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionKilling,
    ExecutionRestarted,
    ExecutionStarted,
    KillExecution,
    RestartExecution,
    StartExecution,
)
from contracts.message import Message
from contracts.registry import DeleteFlow, FlowState, PutFlow, RegistryCommand
from contracts.reply import Reply
from contracts.states import State
from contracts.topics import TOPICS
from services.indexer.compose import composed as composed_indexer
from services.indexer.settings import IndexerSettings
from services.web.compose import Deployment, composed
from services.web.core.access.state import Identity
from services.web.http.app import create_app
from services.web.http.parts import Parts
from services.web.settings import WebSettings
from tests.support.declared import check_answer
from tests.support.topics import delete_topics, fresh_prefix
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.password import hash_password
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import CommonSettings, KafkaSettings
from toccata.runtime.storage import InternalStorage
from toccata.runtime.topic_admin import ensure_topics

AUTH = ("tests@toccata.example", "Integration1")


IDENTITY = Identity(AUTH[0], "g1", hash_password(AUTH[1]))


LIMIT = 100_000


API = "/api/v1/main"


FLOW = """id: hello
namespace: company
labels:
  team: data
inputs:
  - id: count
    type: INT
    defaults: 3
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hi
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: opens
"""


class Others:
    """The registry and the executor, as far as web sees them."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka = kafka
        self.producer = Producer(kafka, "others")
        self.commands: list[ExecutionCommand | StartExecution] = []
        self.seq: dict[str, int] = {}
        self.revisions: dict[tuple[str, str], int] = {}
        self.silent = False
        self.storage = InternalStorage("memory:///")

    async def run(self) -> None:
        codecs: dict[str, Codec[Any]] = {
            "registry.commands": Codec(RegistryCommand),
            "executions.admitted": Codec(StartExecution),
            "executions.commands": Codec(ExecutionCommand),
        }
        reader = Reader(self.kafka, "others")
        await self._settled(reader, list(codecs))
        try:
            while True:
                for (topic, _), records in (await reader.poll()).items():
                    for record in records:
                        await self._take(codecs[topic].decode(record.value))
        finally:
            await reader.stop()

    async def _settled(self, reader: Reader, topics: list[str]) -> None:
        """Wait for leaders, which new topics may not have yet."""
        while True:
            try:
                await reader.assign(
                    {(topic, p): "earliest" for topic in topics for p in range(TOPICS[topic].partitions)}
                )
            except Transient:
                await asyncio.sleep(0.05)
            else:
                return

    async def _take(self, message: Any) -> None:
        if isinstance(message, PutFlow | DeleteFlow):
            await self._store(message)
            return
        self.commands.append(message)
        if self.silent:
            return
        if isinstance(message, StartExecution):
            if message.execution_id in self.seq:
                return
            await self.say(
                message.execution_id, ExecutionCreated,
                namespace=message.namespace, flow_id=message.flow_id, revision=message.revision or 1,
                inputs=message.inputs, labels=message.labels, trigger=message.trigger,
            )  # fmt: skip
            await self.say(message.execution_id, ExecutionStarted)
            if "end" in message.labels:
                await self.say(
                    message.execution_id, ExecutionEnded, state=State.SUCCESS, outputs={"final": 1}
                )
        elif isinstance(message, KillExecution):
            await self.say(message.execution_id, ExecutionKilling)
            await self.say(message.execution_id, ExecutionEnded, state=State.KILLED)
        elif isinstance(message, RestartExecution):
            await self.say(message.execution_id, ExecutionRestarted, attempt_number=2, record=message.record)

    async def _store(self, command: PutFlow | DeleteFlow) -> None:
        key = (command.namespace, command.flow_id)
        known = self.revisions.get(key, 0)
        mode = command.mode if isinstance(command, PutFlow) else "update"
        code: Any = (
            "exists" if mode == "create" and known else "missing" if mode == "update" and not known else "ok"
        )
        revision = known + 1 if code == "ok" else None
        if revision is not None:
            self.revisions[key] = revision
            state = FlowState(
                namespace=command.namespace, flow_id=command.flow_id, revision=revision, at=command.at,
                source=command.source if isinstance(command, PutFlow) else FLOW, created_at=command.at,
                deleted=isinstance(command, DeleteFlow),
            )  # fmt: skip
            await self.publish("flows.state", f"{'/'.join(key)}@{revision}", state)
        reply = Reply(
            request_id=command.request_id, accepted=code == "ok", at=1, code=code, revision=revision
        )
        await self.producer.send("replies", [Record(None, codec.encode(reply), partition=command.reply_to)])

    async def say(self, execution_id: str, event: type, **fields) -> None:
        self.seq[execution_id] = self.seq.get(execution_id, 0) + 1
        told = event(execution_id=execution_id, seq=self.seq[execution_id], at=now_ms(), **fields)
        await self.publish("executions.events", execution_id, told)

    async def publish(self, topic: str, key: str, message: Message) -> None:
        await self.producer.send(topic, [Record(key.encode(), codec.encode(message))])


class Web:
    """A view of the shared web, with its own namespace and session."""

    def __init__(self, parts: Parts, client: httpx.AsyncClient, others: Others) -> None:
        self.parts = parts
        self.client = client
        self.others = others
        self.namespace = f"n{token_hex(4)}"
        self.flow = FLOW.replace("company", self.namespace)

    async def call(self, method: str, path: str, **options) -> httpx.Response:
        return await self.client.request(method, path.replace("company", self.namespace), **options)

    async def create(self) -> httpx.Response:
        return await self.call(
            "POST", f"{API}/flows", content=self.flow, headers={"Content-Type": "application/x-yaml"}
        )

    async def execute(self, query: str = "", **options) -> Any:
        response = await self.call("POST", f"{API}/executions/company/hello{query}", **options)
        assert response.status_code == 200, response.text
        return response.json()


@asynccontextmanager
async def a_client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(replace(parts, page=MetricsPage("web"))))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://toccata",
        auth=AUTH,
        timeout=30,
        event_hooks={"response": [check_answer]},
    ) as client:
        yield client


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def web_settings(opening_seconds: float = 10) -> WebSettings:
    return WebSettings(max_body_bytes=LIMIT, max_webhook_bytes=LIMIT, opening_seconds=opening_seconds)


def a_deployment(kafka: KafkaSettings, database: PostgresSettings, storage: str = "memory:///") -> Deployment:
    return Deployment("web-test", kafka, database, storage, os.environ, Path(os.devnull))


@asynccontextmanager
async def a_database(server: str) -> AsyncIterator[str]:
    name = f"test_web_{token_hex(4)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture(scope="module")
async def web_alone(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Parts, Others]]:
    broker = KafkaSettings(bootstrap_servers=kafka, topic_prefix=fresh_prefix())
    await ensure_topics(broker)
    others = Others(broker)
    storage = str(tmp_path_factory.mktemp("storage"))
    others.storage = InternalStorage(storage)
    stop = asyncio.Event()
    async with a_database(postgres_server) as url:
        postgres = PostgresSettings(url=SecretStr(url))
        indexer_settings = IndexerSettings(common=CommonSettings(), kafka=broker, database=postgres)
        deployment = a_deployment(broker, postgres, storage)
        async with (
            composed_indexer(indexer_settings) as (indexer, _),
            running(lambda: indexer.run(stop)),
            running(others.run),
            composed(deployment, web_settings(), IDENTITY, "http://toccata") as parts,
        ):
            async with asyncio.timeout(30):
                while not all((await parts.health.report()).values()):  # noqa: ASYNC110 - health is polled
                    await asyncio.sleep(0.02)
            yield parts, others
        await others.producer.stop()
    await delete_topics(broker)


@pytest.fixture
async def web(web_alone: tuple[Parts, Others]) -> AsyncIterator[Web]:
    parts, others = web_alone
    others.silent = False
    async with a_client(parts) as client:
        yield Web(parts, client, others)
