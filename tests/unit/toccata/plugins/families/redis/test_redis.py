"""Redis tasks on the worker's own runner, against a server that speaks the protocol, and Redis itself where it is installed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import redis as library

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.redis import types
from toccata.standalone.port import free_port

PLACE = "kestra:///company/team/f/executions/e1/"


def real_server(folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    port = free_port()
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
        else:
            return port, process


@pytest.fixture(scope="module", params=["double", "redis-server"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if request.param == "redis-server":
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed")
        found, process = real_server(tmp_path_factory.mktemp("redis"))
        yield found
        process.terminate()
        process.wait()
        return
    server = fakeredis.TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


class Desk:
    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self.bench = Bench(folder, {"SECRET_REDIS": b64encode(b"unused").decode()})
        self.redis = library.Redis(port=port, decode_responses=True)
        self.redis.flushall()

    async def run(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.bench.run(task, {"url": self.url, **written}))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, {"url": self.url, **written})

    async def rows(self, uri: str) -> list[Any]:
        return [read_row(line, "row") for line in (await self.bench.storage.get(uri)).splitlines()]


@pytest.fixture
def desk(tmp_path: Path, port: int) -> Iterator[Desk]:
    found = Desk(tmp_path, port)
    yield found
    found.redis.close()


async def test_a_value_is_set_got_and_deleted(desk: Desk) -> None:
    assert await desk.run(types.SET, {"key": "a", "value": "ü 1"}) == {}
    assert desk.redis.get("a") == "ü 1"
    assert await desk.run(types.GET, {"key": "a"}) == {"key": "a", "data": "ü 1"}
    assert await desk.run(types.SET, {"key": "a", "value": "2", "get": True}) == {"oldValue": "ü 1"}
    assert await desk.run(types.DELETE, {"keys": ["a", "none"]}) == {"count": 1}
    assert await desk.run(types.GET, {"key": "a"}) == {"key": "a"}
    assert await desk.why(types.GET, {"key": "a", "failedOnMissing": True}) == "Missing keys 'a'"
    message = await desk.why(types.DELETE, {"keys": ["a", "b"], "failedOnMissing": True})
    assert message == "Missing keys, only 0 keys deleted out of 2"


async def test_values_may_be_json(desk: Desk) -> None:
    value = {"a": [1, 2.5, None]}
    await desk.run(types.SET, {"key": "a", "value": value, "serdeType": "JSON"})
    assert (await desk.run(types.GET, {"key": "a", "serdeType": "JSON"}))["data"] == value
    desk.redis.set("b", "no JSON")
    assert "`b` holds no JSON" in await desk.why(types.GET, {"key": "b", "serdeType": "JSON"})


async def test_a_value_has_conditions_and_an_end(desk: Desk) -> None:
    options = {"mustNotExist": True, "expirationDuration": "PT100S"}
    await desk.run(types.SET, {"key": "a", "value": "1", "options": options})
    await desk.run(types.SET, {"key": "a", "value": "2", "options": options})
    assert desk.redis.get("a") == "1"
    ttl = (await desk.run(types.TTL, {"key": "a"}))["ttl"]
    assert 90 < ttl <= 100
    await desk.run(types.SET, {"key": "a", "value": "3", "options": {"keepTtl": True}})
    assert desk.redis.ttl("a") > 0
    await desk.run(
        types.SET, {"key": "a", "value": "4", "options": {"expirationDate": "2100-01-01T00:00:00Z"}}
    )
    assert desk.redis.ttl("a") > 10**9
    await desk.run(types.SET, {"key": "none", "value": "1", "options": {"mustExist": True}})
    assert await desk.run(types.TTL, {"key": "none"}) == {"key": "none", "ttl": -2}
    both = {"mustExist": True, "mustNotExist": True}
    assert "exclude each other" in await desk.why(types.SET, {"key": "a", "value": "1", "options": both})


async def test_a_number_is_added_to(desk: Desk) -> None:
    assert await desk.run(types.INCREMENT, {"key": "n"}) == {"key": "n", "value": 1}
    assert await desk.run(types.INCREMENT, {"key": "n", "amount": 2.5}) == {"key": "n", "value": 3.5}
    await desk.run(types.INCREMENT, {"key": "m", "options": {"expirationDuration": "PT100S"}})
    assert desk.redis.ttl("m") > 0
    desk.redis.set("text", "x")
    assert "Redis: " in await desk.why(types.INCREMENT, {"key": "text"})


@pytest.mark.parametrize("form", ["list", "text", "file"])
async def test_values_are_pushed_and_popped(desk: Desk, form: str) -> None:
    uri = await desk.bench.storage.put(f"{PLACE}rows.ion", b'"one"\n{"n":2}\n"three"\n')
    given: Any = {"list": ["one", {"n": 2}, "three"], "text": '["one", {"n": 2}, "three"]', "file": uri}[form]
    pushed = await desk.run(types.LIST_PUSH, {"key": "l", "from": given, "serdeType": "JSON", "batchSize": 2})
    assert pushed == {"count": 3}
    popped = await desk.run(types.LIST_POP, {"key": "l", "serdeType": "JSON", "maxRecords": 2, "count": 1})
    assert popped["count"] == 2
    assert await desk.rows(popped["uri"]) == ["three", {"n": 2}], "each was put at the front"
    rest = await desk.run(types.LIST_POP, {"key": "l", "serdeType": "JSON", "maxDuration": "PT10S"})
    assert await desk.rows(rest["uri"]) == ["one"]
    empty = await desk.run(types.LIST_POP, {"key": "l", "maxRecords": 1})
    assert (empty["count"], await desk.rows(empty["uri"])) == (0, [])
    assert "one of `maxRecords` and `maxDuration`" in await desk.why(types.LIST_POP, {"key": "l"})


async def test_what_cannot_be_read_is_not_lost(desk: Desk) -> None:
    desk.redis.lpush("l", "no JSON")
    ended = await desk.bench.run(
        types.LIST_POP, {"url": desk.url, "key": "l", "serdeType": "JSON", "maxRecords": 5}
    )
    assert ended.outcome == "warned"
    assert await desk.rows(ended.outputs["uri"]) == ["no JSON"]
    assert any(level == "WARN" and "kept as text" in text for level, text in desk.bench.messages)


async def test_messages_are_published(desk: Desk) -> None:
    listener = desk.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("news")
    listener.get_message(timeout=5)
    assert await desk.run(types.PUBLISH, {"channel": "news", "from": ["a", {"b": 1}]}) == {"count": 2}
    heard: list[str] = []

    def hear() -> None:
        deadline = time.monotonic() + 20
        while len(heard) < 2 and time.monotonic() < deadline:
            message = listener.get_message(timeout=1)
            if message is not None:
                heard.append(message["data"])

    await asyncio.to_thread(hear)
    assert heard == ["a", '{"b":1}']
    listener.close()


async def test_what_fails_says_why(desk: Desk) -> None:
    assert "url: Redis URL must specify" in await desk.why(types.GET, {"url": "nonsense", "key": "a"})
    unreachable = {"url": "redis://:hidden-word@127.0.0.1:1/0", "key": "a"}
    message = await desk.why(types.GET, unreachable)
    assert "Redis: " in message
    assert "hidden-word" not in message
    assert "from: " in await desk.why(types.LIST_PUSH, {"key": "a", "from": "no list"})


@pytest.mark.parametrize(
    "task", [each for each in vars(types).values() if isinstance(each, TaskType)], ids=lambda each: each.name
)
async def test_the_example_runs(desk: Desk, task: TaskType) -> None:
    await desk.run(task, {**example(task), "url": desk.url})


async def test_a_trigger_takes_values_of_a_list(desk: Desk) -> None:
    polled = Polled(desk.bench, types.TRIGGER, {"url": desk.url, "key": "jobs", "maxRecords": 2})
    assert await polled.found() == []
    desk.redis.rpush("jobs", "one", "two", "three")
    found = await polled.one()
    assert (found["count"], await desk.rows(found["uri"])) == (2, ["one", "two"])
    assert await desk.rows((await polled.one())["uri"]) == ["three"]
    assert await polled.found() == []
    assert len(await desk.bench.storage.below(PLACE)) == 2, "polls that find nothing leave no file"


async def test_a_trigger_needs_an_end_of_what_it_takes(desk: Desk) -> None:
    polled = Polled(desk.bench, types.TRIGGER, {"url": desk.url, "key": "jobs"})
    assert await polled.why() == "one of `maxRecords` and `maxDuration` is needed"
    assert example(types.TRIGGER)["key"] == "jobs"
