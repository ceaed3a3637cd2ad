"""NATS tasks on the worker's own runner, against NATS itself."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.nats import types
from toccata.standalone.port import free_port

PLACE = "kestra:///company/team/f/executions/e1/"
PASSWORD = "hidden-password"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    found = free_port()
    argv = [
        str(Path(sys.executable).with_name("nats-server")),
        *("--addr", "127.0.0.1", "--port", str(found), "--user", "bot", "--pass", PASSWORD),
        *("--jetstream", "--store_dir", str(tmp_path_factory.mktemp("nats"))),
    ]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "Server is ready" in line:
            break
    else:
        pytest.fail("nats-server did not start")
    yield found
    process.terminate()
    process.communicate()


class Desk:
    def __init__(self, folder: Path, port: int, client: Any) -> None:
        self.client = client
        self.bench = Bench(folder, {"SECRET_NATS": b64encode(PASSWORD.encode()).decode()})
        self.sign_in = {
            "url": f"nats://127.0.0.1:{port}",
            "username": "bot",
            "password": "{{ secret('NATS') }}",
        }

    async def run(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.bench.run(task, {**self.sign_in, **written}))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, {**self.sign_in, **written})

    async def rows(self, uri: str) -> list[Any]:
        return [read_row(line, "row") for line in (await self.bench.storage.get(uri)).splitlines()]


@pytest.fixture
async def desk(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    client = await nats.connect(f"nats://127.0.0.1:{port}", user="bot", password=PASSWORD)
    streams = client.jetstream()
    for each in await streams.streams_info():
        await streams.delete_stream(each.config.name or "")
    yield Desk(tmp_path, port, client)
    await client.close()


async def test_messages_are_published(desk: Desk) -> None:
    heard = await desk.client.subscribe("jobs.>")
    await desk.client.flush()
    one = {"headers": {"a": "1", "b": ["2", "3"]}, "data": "ü"}
    assert await desk.run(types.PRODUCE, {"subject": "jobs.x", "from": one}) == {"messagesCount": 1}
    first = await heard.next_msg(20)
    assert (first.subject, first.data.decode()) == ("jobs.x", "ü")
    assert first.headers == {"a": "1", "b": "2, 3"}
    uri = await desk.bench.storage.put(f"{PLACE}rows.ion", b'{"data":"x"}\n{"data":{"n":1}}\n')
    assert await desk.run(types.PRODUCE, {"subject": "jobs.y", "from": uri}) == {"messagesCount": 2}
    assert [(await heard.next_msg(20)).data for _ in range(2)] == [b"x", b'{"n":1}']


async def test_a_request_gets_its_answer(desk: Desk) -> None:
    async def answer(message: Any) -> None:
        await message.respond(b"you said " + message.data)

    await desk.client.subscribe("ask", cb=answer)
    await desk.client.flush()
    assert await desk.run(types.REQUEST, {"subject": "ask", "from": "hi"}) == {"response": "you said hi"}
    assert (await desk.run(types.REQUEST, {"subject": "ask", "from": {"data": "ho"}}))[
        "response"
    ] == "you said ho"
    nobody = {"subject": "nobody", "from": "hi", "requestTimeout": "PT1S"}
    assert "no responders" in await desk.why(types.REQUEST, nobody)


async def test_messages_of_a_stream_are_consumed_once(desk: Desk) -> None:
    stream = desk.client.jetstream()
    await stream.add_stream(name="jobs", subjects=["jobs.>"])
    for number in range(5):
        await stream.publish("jobs.new", str(number).encode(), headers={"n": str(number)})
    asked = {"subject": "jobs.>", "durableId": "d", "pollDuration": "PT1S", "batchSize": 2}
    first = await desk.run(types.CONSUME, {**asked, "maxRecords": 3})
    assert first["messagesCount"] == 3
    found = await desk.rows(first["uri"])
    assert [each["data"] for each in found] == ["0", "1", "2"]
    assert (found[0]["subject"], found[0]["headers"]) == ("jobs.new", {"n": ["0"]})
    assert found[0]["timestamp"].startswith("20")
    rest = await desk.run(types.CONSUME, asked)
    assert [each["data"] for each in await desk.rows(rest["uri"])] == ["3", "4"], "it goes on where it ended"
    again = await desk.run(types.CONSUME, {**asked, "durableId": None})
    assert again["messagesCount"] == 5, "a new consumer begins at the start"
    last = await desk.run(types.CONSUME, {**asked, "durableId": None, "deliverPolicy": "Last"})
    assert [each["data"] for each in await desk.rows(last["uri"])] == ["4"]
    since = await desk.run(types.CONSUME, {**asked, "durableId": None, "since": "2100-01-01T00:00:00Z"})
    assert since["messagesCount"] == 0


async def test_values_are_kept_in_a_bucket(desk: Desk) -> None:
    made = await desk.run(
        types.CREATE_BUCKET,
        {"name": "b", "description": "of a test", "historyPerKey": 3, "metadata": {"team": "data"}},
    )
    assert made == {
        "bucket": "b",
        "description": "of a test",
        "history": 3,
        "entryCount": 0,
        "bucketSize": -1,
        "valueSize": -1,
        "metadata": {"team": "data"},
    }
    put = await desk.run(types.PUT, {"bucketName": "b", "values": {"x": 1, "y": {"z": [2]}}})
    assert put == {"revisions": {"x": 1, "y": 2}}
    await desk.run(types.PUT, {"bucketName": "b", "values": {"x": "new"}})
    got = await desk.run(types.GET, {"bucketName": "b", "keys": ["x", "y", "none"]})
    assert got == {"output": {"x": "new", "y": {"z": [2]}}}
    old = await desk.run(types.GET, {"bucketName": "b", "keys": [], "keyRevisions": {"x": 1}})
    assert old == {"output": {"x": 1}}
    assert await desk.run(types.DELETE, {"bucketName": "b", "keys": ["x"]}) == {"deletedCount": 1}
    assert await desk.run(types.GET, {"bucketName": "b", "keys": ["x"]}) == {"output": {}}


async def test_a_token_signs_in(tmp_path: Path) -> None:
    port = free_port()
    server = str(Path(sys.executable).with_name("nats-server"))
    process = await asyncio.create_subprocess_exec(
        *(server, "--addr", "127.0.0.1", "--port", str(port), "--auth", "token-of-the-bot"),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while b"Server is ready" not in await process.stderr.readline():
            pass
    written = {"url": f"nats://127.0.0.1:{port}", "subject": "a", "from": {"data": "x"}}
    try:
        good(await Bench(tmp_path).run(types.PRODUCE, {**written, "token": "token-of-the-bot"}))
        message = await why(Bench(tmp_path), types.PRODUCE, {**written, "token": "wrong-token"})
    finally:
        process.terminate()
        await process.wait()
    assert "Authorization Violation" in message
    assert "wrong-token" not in message


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (
            types.PRODUCE,
            {"subject": "a", "from": {"data": "x"}, "password": "wrong"},
            "Authorization Violation",
        ),
        (
            types.PRODUCE,
            {"subject": "a", "from": {"data": "x"}, "url": "nats://127.0.0.1:1"},
            "127.0.0.1:1: ",
        ),
        (types.PRODUCE, {"subject": "a", "from": {"text": "x"}}, "each message must be a map with `data`"),
        (types.PRODUCE, {"subject": "a", "from": "no rows"}, "from: the rows must be"),
        (types.CONSUME, {"subject": "no.stream"}, "`no.stream` belongs to no stream"),
        (types.CONSUME, {"subject": "a", "since": "yesterday"}, "since: `yesterday` is no time"),
        (types.GET, {"bucketName": "none", "keys": ["a"]}, "there is no bucket `none`"),
    ],
)
async def test_what_fails_says_why(desk: Desk, task: TaskType, written: dict[str, Any], text: str) -> None:
    message = await desk.why(task, written)
    assert text.lower() in message.lower()
    assert PASSWORD not in message


@pytest.mark.parametrize(
    "task", [each for each in vars(types).values() if isinstance(each, TaskType)], ids=lambda each: each.name
)
async def test_the_example_runs(desk: Desk, task: TaskType) -> None:
    streams = desk.client.jetstream()
    await streams.add_stream(name="jobs", subjects=["jobs.new"])
    await streams.create_key_value(bucket="settings")

    async def answer(message: Any) -> None:
        await message.respond(b"fine")

    await desk.client.subscribe("jobs.status", cb=answer)
    await desk.client.flush()
    await desk.run(task, {**example(task), **desk.sign_in})


async def test_a_trigger_starts_with_messages_of_a_stream_once(desk: Desk) -> None:
    stream = desk.client.jetstream()
    await stream.add_stream(name="jobs", subjects=["jobs.>"])
    written = {
        **desk.sign_in,
        "subject": "jobs.>",
        "durableId": "t",
        "pollDuration": "PT0.5S",
        "maxRecords": 2,
    }
    polled = Polled(desk.bench, types.TRIGGER, written)
    assert await polled.found() == []
    for number in range(3):
        await stream.publish("jobs.new", str(number).encode())
    found = await polled.one()
    assert found["messagesCount"] == 2
    assert [each["data"] for each in await desk.rows(found["uri"])] == ["0", "1"]
    assert [each["data"] for each in await desk.rows((await polled.one())["uri"])] == ["2"]
    assert await polled.found() == []
    assert example(types.TRIGGER)["durableId"] == "jobs"


async def test_a_trigger_of_a_subject_without_a_stream_says_so(desk: Desk) -> None:
    polled = Polled(desk.bench, types.TRIGGER, {**desk.sign_in, "subject": "nobody"})
    assert "belongs to no stream" in await polled.why()
