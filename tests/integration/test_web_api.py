"""Web on a real Kafka and a real PostgreSQL. The test plays the executor and the registry; the indexer projects."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
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
from contracts.telemetry import AttemptLogs, LogLine
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

pytestmark = [pytest.mark.servers, pytest.mark.anyio]
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
async def system(
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
async def web(system: tuple[Parts, Others]) -> AsyncIterator[Web]:
    parts, others = system
    others.silent = False
    async with a_client(parts) as client:
        yield Web(parts, client, others)


async def test_a_flow_that_was_written_is_read_at_once(web: Web):
    created = await web.create()
    assert (created.status_code, created.json()["revision"]) == (200, 1)
    assert (await web.call("GET", f"{API}/flows/company/hello")).json()["revision"] == 1
    assert (await web.call("GET", f"{API}/flows/search?namespace=company")).json()["total"] == 1
    assert (await web.create()).status_code == 422

    updated = await web.call("PUT", "/api/v1/flows/company/hello", content=web.flow + "description: new\n")
    assert (updated.status_code, updated.json()["revision"]) == (200, 2)
    assert (await web.call("GET", f"{API}/flows/company/hello?source=true")).json()["description"] == "new"
    assert len((await web.call("GET", f"{API}/flows/company/hello/revisions")).json()) == 2

    assert (await web.call("DELETE", f"{API}/flows/company/hello")).status_code == 204
    assert (await web.call("GET", f"{API}/flows/company/hello")).status_code == 404
    assert (await web.call("DELETE", f"{API}/flows/company/hello")).status_code in {204, 404}


async def test_an_import_takes_the_good_and_names_the_bad(web: Web):
    second = web.flow.replace("id: hello", "id: second", 1)
    documents = f"{web.flow}---\nid: broken\nnamespace: company\n---\n{second}"
    upload = {"fileUpload": ("flows.yaml", documents.encode(), "application/x-yaml")}
    response = await web.call("POST", "/api/v1/flows/import", files=upload)
    assert (response.status_code, response.json()) == (200, ["1"])
    assert (await web.call("GET", f"{API}/flows/search?namespace=company")).json()["total"] == 2
    refused = await web.call("POST", "/api/v1/flows/import?failOnError=true", files=upload)
    assert refused.status_code == 422


async def test_an_execution_that_was_started_is_read_at_once(web: Web):
    await web.create()
    started = await web.execute("?labels=a:b", files={"count": (None, "7")})
    assert started["labels"][0] == {"key": "a", "value": "b"}
    read = (await web.call("GET", f"{API}/executions/{started['id']}")).json()
    assert (read["id"], read["inputs"]) == (started["id"], {"count": "7"})
    found = (await web.call("GET", f"{API}/executions?namespace=company&flowId=hello")).json()
    assert [item["id"] for item in found["results"]] == [started["id"]]


async def test_files_of_executions_are_read_and_no_others(web: Web):
    await web.create()
    started = await web.execute()
    folder = f"kestra:///{web.namespace}/hello/executions/{started['id']}/tasks/log"
    await web.others.storage.put(f"{folder}/a%20b.csv", b"x,y\n1,2\n")
    await web.others.storage.put("kestra:///elsewhere/a.txt", b"hidden")
    file = f"{API}/executions/{started['id']}/file"

    async def ask(path: str, uri: str) -> httpx.Response:
        return await web.call("GET", file + path, params={"path": uri})

    assert (await ask("/metas", f"{folder}/a%20b.csv")).json() == {"size": 8}
    got = await ask("", f"{folder}/a%20b.csv")
    assert (got.content, got.headers["content-length"]) == (b"x,y\n1,2\n", "8")
    assert got.headers["content-disposition"].startswith('attachment; filename="a b.csv"')
    preview = (await ask("/preview", f"{folder}/a%20b.csv")).json()
    assert (preview["type"], preview["content"]) == ("LIST", [{"x": "1", "y": "2"}])
    assert (await ask("", f"{folder}/nothing")).status_code == 404
    for uri in ("kestra:///elsewhere/a.txt", f"{folder}/../../x", "file:///etc/passwd"):
        assert (await ask("", uri)).status_code == 422
    other = await web.execute()
    handed_on = f"{API}/executions/{other['id']}/file/metas"
    assert (await web.call("GET", handed_on, params={"path": f"{folder}/a%20b.csv"})).json() == {"size": 8}


async def test_waiting_gives_the_end_with_outputs(web: Web):
    await web.create()
    ended = await web.execute("?wait=true&labels=end:yes")
    assert (ended["state"]["current"], ended["outputs"]) == ("SUCCESS", {"final": 1})
    events = (await web.call("GET", f"{API}/executions/{ended['id']}/follow")).text
    assert [line for line in events.splitlines() if line.startswith("id:")] == ["id: start", "id: end"]
    assert (await web.call("GET", f"{API}/outputs/executions/{ended['id']}")).json() == {"final": 1}


async def test_the_same_idempotency_key_starts_one_execution(web: Web):
    await web.create()
    key = {"Idempotency-Key": "order-1"}
    first, second = [await web.execute("?labels=end:yes&wait=true", headers=key) for _ in range(2)]
    assert first["id"] == second["id"]
    assert second["state"]["current"] == "SUCCESS"


async def test_a_webhook_needs_its_key_and_nothing_else(web: Web):
    await web.create()
    hook = "/executions/webhook/company/hello"
    response = await web.call("POST", f"/api/v1{hook}/opens?q=1", json={"a": 1}, auth=None)
    assert response.status_code == 200
    page = response.json()
    assert page["trigger"]["variables"]["body"] == {"a": 1}
    assert page["state"]["current"] == "CREATED"
    assert (await web.call("GET", f"{API}/executions/{page['id']}")).json()["trigger"]["id"] == "hook"
    assert (await web.call("POST", f"{API}{hook}/wrong", auth=None)).status_code == 404
    assert (await web.call("PATCH", f"{API}{hook}/opens", auth=None)).status_code == 405


async def test_kill_and_restart_answer_with_the_new_state(web: Web):
    await web.create()
    started = await web.execute()
    killed = await web.call("DELETE", f"{API}/executions/{started['id']}/actions/kill")
    assert killed.json()["state"]["current"] in {"KILLING", "KILLED"}
    async with asyncio.timeout(10):
        while (await web.parts.executions.get(started["id"])).state is not State.KILLED:  # noqa: ASYNC110 - reads are tested
            await asyncio.sleep(0.02)
    strict = f"{API}/executions/{started['id']}/actions/kill?isOnKillCascade=false"
    assert (await web.call("DELETE", strict)).status_code == 409
    bulk = await web.call("DELETE", f"{API}/executions/kill/by-ids", content=f'["{started["id"]}", "nobody"]')
    assert bulk.status_code == 400
    assert [item["invalidValue"] for item in bulk.json()["invalids"]] == [started["id"], "nobody"]

    restarted = await web.call("POST", f"/api/v1/executions/{started['id']}/restart")
    assert (restarted.status_code, restarted.json()["state"]["current"]) == (200, "RESTARTED")
    command = web.others.commands[-1]
    assert isinstance(command, RestartExecution)
    assert command.record is not None
    assert command.record.histories[-1].state is State.KILLED
    assert (await web.call("POST", f"{API}/executions/{started['id']}/actions/restart")).status_code == 409
    assert (await web.call("POST", f"/api/v1/executions/{started['id']}/restart")).status_code == 422


async def test_logs_are_read_and_followed(web: Web):
    await web.create()
    ended = await web.execute("?wait=true&labels=end:yes")

    def logs(first: int, text: str) -> AttemptLogs:
        return AttemptLogs(
            execution_id=ended["id"], namespace="company", flow_id="hello", task_id="log", task_run_id="t",
            attempt=1, first=first, lines=[LogLine(level="WARN", at=1000, message=text)],
        )  # fmt: skip

    await web.others.publish("attempts.logs", ended["id"], logs(0, "stored"))
    async with asyncio.timeout(10), aclosing(web.parts.logs.follow(ended["id"], None)) as followed:
        assert [row.message for row in await anext(followed)] == ["stored"]
        await web.others.publish("attempts.logs", ended["id"], logs(1, "live"))
        assert [row.message for row in await anext(followed)] == ["live"]
    async with asyncio.timeout(10):
        while True:
            stored = (await web.call("GET", f"{API}/logs/{ended['id']}?minLevel=INFO")).json()
            if len(stored) == 2:
                break
            await asyncio.sleep(0.02)  # wait for the projection
    assert [line["message"] for line in stored] == ["stored", "live"]
    assert (
        (await web.call("GET", f"{API}/logs/{ended['id']}/download"))
        .text.splitlines()[0]
        .endswith("WARN stored")
    )
    assert (await web.call("GET", f"{API}/logs/{ended['id']}?minLevel=LOUD")).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", f"{API}/flows", {"content": "id: [x"}, 422),
        ("POST", f"{API}/flows", {"content": b"\xff\xfe"}, 422),
        ("POST", f"{API}/flows", {"content": "x" * (LIMIT + 1)}, 413),
        ("POST", f"{API}/flows/import", {}, 400),
        ("POST", f"{API}/executions/company/hello", {"files": {"count": (None, "many")}}, 422),
        ("POST", f"{API}/executions/company/hello?labels=system.x:y", {}, 422),
        ("POST", f"{API}/executions/company/hello", {"json": {"count": 1}}, 415),
        ("POST", f"{API}/executions/company/nobody", {}, 404),
        ("POST", f"{API}/executions/webhook/company/hello/opens", {"content": "x" * (LIMIT + 1)}, 413),
        ("GET", f"{API}/executions/search?filters[bogus][EQUALS]=x", {}, 422),
        ("GET", f"{API}/executions/search?filters[state][LIKES]=x", {}, 422),
        ("GET", f"{API}/executions/search?sort=bogus:asc", {}, 422),
        ("GET", f"{API}/executions/search?size=-1", {}, 422),
        ("DELETE", f"{API}/executions/kill/by-ids", {"content": "{nope"}, 422),
        ("DELETE", f"{API}/executions/kill/by-ids", {"content": "[]"}, 400),
        ("PUT", f"{API}/triggers/set-disabled", {"json": {"namespace": "company"}}, 422),
        ("GET", "/api/v1/other/flows/search", {}, 400),
        ("GET", f"{API}/nothing/here", {}, 404),
    ],
)
async def test_bad_requests_get_an_error_and_the_next_good_one_runs(web: Web, method, path, options, status):
    await web.create()
    response = await web.call(method, path, **options)
    assert response.status_code == status, response.text
    body = response.json()
    assert body["status"] == status
    assert body["message"] == body["detail"]
    assert (await web.execute())["state"]["current"] in {"CREATED", "RUNNING"}


async def test_nobody_enters_without_credentials(web: Web):
    for auth in (None, (AUTH[0], "wrong")):
        refused = await web.call("GET", f"{API}/flows/search", auth=auth)
        assert (refused.status_code, refused.content) == (401, b"")
        assert refused.headers["www-authenticate"].startswith("Basic")
    from_login = {"Referer": "http://toccata/ui/login"}
    assert (
        "www-authenticate"
        not in (await web.call("GET", f"{API}/flows/search", auth=None, headers=from_login)).headers
    )
    assert (await web.call("GET", "/ping", auth=None)).text == "pong"


async def test_a_cookie_writes_only_with_the_token_of_its_session(web: Web):
    assert (
        await web.call("POST", "/api/v1/login", json={"username": AUTH[0], "password": "no"})
    ).status_code == 401
    signed = await web.call(
        "POST", "/api/v1/login", json=dict(zip(("username", "password"), AUTH, strict=True)), auth=None
    )
    assert signed.status_code == 200
    session = signed.cookies["toccata_session"]
    assert AUTH[1] not in session
    assert b64encode(":".join(AUTH).encode()).decode() not in session
    web.client.auth = httpx.Auth()
    assert (await web.call("GET", f"{API}/flows/search")).status_code == 200
    assert (await web.create()).status_code == 403
    web.client.headers["X-CSRF-TOKEN"] = signed.cookies["XSRF-TOKEN"]
    assert (await web.create()).status_code == 200


async def test_when_the_projection_is_far_behind_no_execution_is_started(web: Web, monkeypatch):
    await web.create()
    with monkeypatch.context() as patch:
        patch.setattr(web.parts.starts._lag, "_limit", -1)
        refused = await web.call("POST", f"{API}/executions/company/hello")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
    assert (await web.call("POST", f"{API}/executions/company/hello")).status_code == 200


async def test_an_execution_is_accepted_before_the_executor_takes_it(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.shell.start.REACTION_SECONDS", 0.3)
    await web.create()
    web.others.silent = True
    accepted = await web.execute()
    assert accepted["state"]["current"] == "CREATED"
    later = await web.call("GET", f"{API}/executions/{accepted['id']}")
    assert later.status_code == 503


async def test_an_input_over_the_limit_gets_an_error_with_the_limit(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.http.body.MAX_FIELD_BYTES", 1000)
    await web.create()
    refused = await web.call("POST", f"{API}/executions/company/hello", files={"count": (None, "1" * 2000)})
    assert refused.status_code == 413
    assert "limit of 1000 bytes" in refused.json()["message"]


async def test_a_multipart_body_that_cannot_be_read_says_why(web: Web):
    await web.create()
    refused = await web.call(
        "POST",
        f"{API}/executions/company/hello",
        content=b"--x\r\nnonsense",
        headers={"Content-Type": "multipart/form-data"},
    )
    assert refused.status_code == 400
    assert "boundary" in refused.json()["message"]


async def test_an_unknown_execution_is_not_found(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.shell.executions.REACTION_SECONDS", 0.2)
    assert (await web.call("GET", f"{API}/executions/nobody")).status_code == 404
    assert (await web.call("GET", f"{API}/executions/nobody/follow")).status_code == 404
    assert (await web.call("DELETE", f"{API}/executions/nobody/actions/kill")).status_code == 404


async def test_without_a_broker_web_is_up_and_says_503():
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1", topic_prefix="x.")
    database = PostgresSettings(url=SecretStr("postgresql://nobody@127.0.0.1:1/none"))
    async with (
        composed(
            a_deployment(nowhere, database),
            web_settings(opening_seconds=0.1),
            IDENTITY,
            "http://toccata",
        ) as parts,
        a_client(parts) as client,
    ):
        assert (await client.get("/ping")).text == "pong"
        assert (await client.get("/health")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        for path in ("/executions/company/hello", "/executions/webhook/company/hello/key"):
            refused = await client.post(API + path)
            assert refused.status_code == 503
            assert "Retry-After" in refused.headers


async def test_requests_right_after_the_start_wait_until_flows_were_read(kafka: str):
    broker = KafkaSettings(bootstrap_servers=kafka, topic_prefix=fresh_prefix())
    database = PostgresSettings(url=SecretStr("postgresql://nobody@127.0.0.1:1/none"))
    others = Others(broker)
    parts_of_web = composed(a_deployment(broker, database), web_settings(), IDENTITY, "http://toccata")
    async with parts_of_web as parts, a_client(parts) as client:
        # There are no topics yet, so nothing can be read, and the requests wait.
        hook = asyncio.ensure_future(client.post(f"{API}/executions/webhook/company/hello/opens"))
        write = asyncio.ensure_future(
            client.post(f"{API}/flows", content=FLOW, headers={"Content-Type": "application/x-yaml"})
        )
        assert (await client.get("/health")).json()["details"]["flows"]["status"] == "DOWN"
        assert not hook.done()
        assert not write.done()
        await ensure_topics(broker)
        async with running(others.run):
            assert (await write).status_code == 200
            assert (await hook).status_code in {200, 404}
    await others.producer.stop()
    await delete_topics(broker)


async def test_the_document_of_the_api_names_every_route(web: Web):
    paths = (await web.call("GET", "/api/v1/openapi.json")).json()["paths"]
    for path in (
        "/flows/import",
        "/executions/{namespace}/{flow_id}",
        "/executions/webhook/{namespace}/{flow_id}/{key}",
    ):
        assert API + path in paths
    metrics = (await web.call("GET", "/prometheus")).text
    assert "toccata_http_requests_total" in metrics


async def test_a_server_that_stops_ends_its_streams_and_waits(web: Web):
    await web.create()
    started = await web.execute()
    tail: Any = web.parts.executions._tail
    following = asyncio.ensure_future(web.call("GET", f"{API}/executions/{started['id']}/follow"))
    waiting = asyncio.ensure_future(web.call("POST", f"{API}/executions/company/hello?wait=true"))

    def both_wait() -> bool:
        starts = [c for c in web.others.commands if isinstance(c, StartExecution)]
        return len(tail._watches) == 2 and sum(c.namespace == web.namespace for c in starts) == 2

    async with asyncio.timeout(10):
        while not both_wait():  # noqa: ASYNC110 - waiting sends no signal
            await asyncio.sleep(0.02)
        web.parts.drain()
        try:
            assert (await following).status_code == 200
            assert (await waiting).status_code == 503
        finally:
            tail.closed = False  # the other tests still use it
