"""The KV store on the whole system: over the API, in flows, and between readers that do not know of each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.api import outputs, signed_in
from tests.support.system import System
from toccata.runtime.kafka import Producer
from toccata.runtime.namespace.kafka_registry import KafkaRegistry
from toccata.runtime.namespace.values import NewValue, ValueRefused, ValueStore
from toccata.runtime.reply_tail import ReplyTail
from toccata.runtime.storage import InternalStorage

pytestmark = [pytest.mark.processes, pytest.mark.servers]

SPACE = "values.team"
KV = f"/api/v1/main/namespaces/{SPACE}/kv"
FLOW = """\
id: values
namespace: values.team
tasks:
  - {id: set, type: io.kestra.plugin.core.kv.Set, key: count, value: "{{ 40 + 2 }}", kvDescription: how many}
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ kv('count') + 1 }} {{ kv('given') }} {{ kv('above') }}"}
  - {id: get, type: io.kestra.plugin.core.kv.Get, key: count}
"""


async def put(client: httpx.AsyncClient, key: str, value: str, path: str = KV, **headers: str) -> None:
    answer = await client.put(f"{path}/{key}", content=value.encode(), headers=headers)
    assert (answer.status_code, answer.content) == (200, b""), answer.text


async def test_a_flow_and_the_api_see_each_others_values(system: System) -> None:
    async with signed_in(system) as api:
        await put(api.client, "given", "by api", **{"content-type": "text/plain"})
        await put(api.client, "above", '"x"', "/api/v1/namespaces/values/kv")
        await api.save(FLOW)
        page = await api.execute(SPACE, "values", wait=True)

        assert page["state"]["current"] == "SUCCESS", page
        assert outputs(page, "say") == {"value": "43 by api x"}
        assert outputs(page, "get") == {"value": 42}
        stored = (await api.client.get(f"{KV}/count")).json()
        assert (stored["type"], stored["value"], stored["revision"]) == ("NUMBER", 42, 1)
        entries = {entry["key"]: entry for entry in (await api.client.get(KV)).json()}
        assert entries["count"]["description"] == "how many"
        above = (await api.client.get(f"{KV}/inheritance")).json()
        assert [(entry["namespace"], entry["key"]) for entry in above] == [("values", "above")]


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        ("word", "STRING", "word"),
        ('"5"', "STRING", "5"),
        ("5", "NUMBER", 5),
        ("1.5", "NUMBER", 1.5),
        ("true", "BOOLEAN", True),
        ("2024-05-01", "DATE", "2024-05-01"),
        ("2024-05-01T10:00:00Z", "DATETIME", "2024-05-01T10:00:00Z"),
        ("PT5M", "DURATION", "PT5M"),
        ('{"a": [1]}', "JSON", {"a": [1]}),
        ("x" * 100_000, "STRING", "x" * 100_000),
    ],
)
async def test_every_type_comes_back(system: System, body: str, kind: str, value: object) -> None:
    async with signed_in(system) as api:
        await put(api.client, "typed", body)
        found = (await api.client.get(f"{KV}/typed")).json()
        assert (found["type"], found["value"]) == (kind, value)


async def test_values_expire_are_deleted_and_are_searched(system: System) -> None:
    async with signed_in(system) as api:
        path = "/api/v1/main/namespaces/values.other/kv"
        for key in ("a", "b", "c"):
            await put(api.client, key, key, path)
        await put(api.client, "soon", "x", path, ttl="PT0.001S")
        assert (await api.client.get(f"{path}/soon")).status_code == 410
        assert (await api.client.get(f"{path}/none")).status_code == 404
        bad = await api.client.put(f"{path}/a%20b", content=b"x")
        assert (bad.status_code, "Key must start" in bad.json()["detail"]) == (422, True)

        asked = {"filters[namespace][EQUALS]": "values.other", "sort": "key:desc", "size": "2"}
        found = (await api.client.get("/api/v1/kv", params=asked)).json()
        assert ([entry["key"] for entry in found["results"]], found["total"]) == (["c", "b"], 3)

        assert (await api.client.delete(f"{path}/a")).json() is True
        assert (await api.client.delete(f"{path}/a")).json() is False
        some = await api.client.request("DELETE", path, json={"keys": ["a", "b", "c"]})
        assert some.json() == {"keys": ["b", "c"]}
        assert (await api.client.get(path)).json() == []


@asynccontextmanager
async def a_store(system: System, name: str, folder: Path) -> AsyncIterator[ValueStore]:
    """Yield the store as a worker has it."""
    producer, replies = Producer(system.kafka, name), ReplyTail(system.kafka, name, 5)
    registry = KafkaRegistry(system.kafka, name, producer, replies, runs_replies=True)
    try:
        yield ValueStore(registry, InternalStorage(folder))
    finally:
        await registry.close()
        await producer.stop()


async def test_what_one_worker_was_told_is_stored_every_other_one_reads(
    system: System, tmp_path: Path
) -> None:
    async with a_store(system, "one", tmp_path) as one, a_store(system, "two", tmp_path) as two:
        for number in range(30):
            writer, reader = (one, two) if number % 2 else (two, one)
            version = await writer.put(SPACE, "turns", NewValue(kind="NUMBER", json=str(number)))
            assert version == number + 1
            await reader.catch_up()
            found = reader.find(SPACE, "turns")
            assert found is not None
            assert found.value == str(number)
        with pytest.raises(ValueRefused, match="already exists"):
            await one.put(SPACE, "turns", NewValue(kind="NUMBER", json="1"), overwrite=False)
        assert await two.delete([(SPACE, "turns")]) == [True]
        await one.catch_up()
        assert one.find(SPACE, "turns") is None
        assert await one.put(SPACE, "turns", NewValue(kind="NUMBER", json="7"), overwrite=False) == 1
