"""Every file of ``flows/`` is imported unchanged, and starts and ends as flows/README.md says."""

from __future__ import annotations

import asyncio
import re
import uuid
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.api import API, outputs, signed_in, states
from tests.support.life import plain_producer, watching

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

FOLDER = Path(__file__).parents[2] / "flows"
ENDS = dict(
    re.findall(r"^\| \[(\w+)\.yaml\].*\| ([A-Z]+) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
)
BY_HAND = sorted(set(ENDS) - {"event", "webhook", "concurrency"})


def source_of(flow_id: str) -> str:
    return (FOLDER / f"{flow_id}.yaml").read_text()


def test_every_file_is_in_the_table_with_its_end():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(ENDS)


async def test_flows_started_by_hand_end_as_documented(system):
    async with signed_in(system) as api, watching(system.kafka) as watch:
        for flow_id in BY_HAND:
            await api.save(source_of(flow_id))
        started = {flow_id: (await api.execute("examples", flow_id))["id"] for flow_id in BY_HAND}
        ended = {flow_id: await watch.ended(execution_id) for flow_id, execution_id in started.items()}
        assert {flow_id: seen.state.value for flow_id, seen in ended.items()} == {
            flow_id: ENDS[flow_id] for flow_id in BY_HAND
        }
        pages = {flow_id: await api.get(execution_id) for flow_id, execution_id in started.items()}

        assert pages["hello"]["outputs"] == {"greeting": "Hello, world!"}
        assert {"branches", "north", "south", "east", "rest", "arrive", "join"} == set(
            states(pages["parallel"])
        )
        await api.lines_with(started["parallel"], "north, south and east are back")
        assert states(pages["errors"]) == {"check": "FAILED", "tell": "SUCCESS", "tidy": "SUCCESS"}
        assert len(pages["retry"]["taskRunList"][0]["attempts"]) == 3
        await api.lines_with(started["retry"], "attempt 1", "attempt 2", "attempt 3")
        assert states(pages["if"]) == {"choose": "SUCCESS", "umbrella": "SUCCESS", "explain": "SKIPPED"}
        await api.lines_with(started["foreach"], "DRESDEN is number 4", "of 5 cities, the first was ATHENS")
        assert len(pages["foreach"]["taskRunList"]) == 1 + 5 * 2 + 1
        assert outputs(pages["shell"], "count")["vars"] == {"words": 4}
        assert outputs(pages["python"], "summarize")["vars"] == {"largest": 3, "sum": 6}


async def test_the_concurrency_flow_runs_one_at_a_time(system):
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(source_of("concurrency"))
        started = await asyncio.gather(*(api.execute("examples", "concurrency") for _ in range(3)))
        ended = [await watch.ended(each["id"]) for each in started]
        assert [seen.state.value for seen in ended] == [ENDS["concurrency"]] * 3
        queued = [seen for seen in ended if "QUEUED" in [state.value for state in seen.histories]]
        assert len(queued) == 2
        spans = sorted(
            (
                next(e.at for e in watch.life.events[seen.id] if type(e).__name__ == "ExecutionStarted"),
                watch.life.events[seen.id][-1].at,
            )
            for seen in ended
        )
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


async def test_the_webhook_flow(system):
    async with signed_in(system) as api:
        await api.save(source_of("webhook"))
        path = f"{API}/executions/webhook/examples/webhook/examples-webhook-key"
        answer = await api.client.post(path, json={"order": 7}, headers={"User-Agent": "a-test"})
        assert answer.status_code == 200, answer.text
        page = await api.ended(answer.json()["id"])
        assert page["state"]["current"] == ENDS["webhook"]
        assert outputs(page, "take") == {"values": {"order": "7", "agent": "a-test"}}


async def test_the_event_flow(system):
    async with (
        signed_in(system) as api,
        watching(system.kafka) as watch,
        plain_producer(system.kafka) as producer,
    ):
        await api.save(source_of("event"))
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", uuid.uuid4().hex.encode()),
            ("ce_type", b"com.example.file.created"),
            ("ce_source", b"shop/berlin"),
        ]
        topic = system.kafka.topic_prefix + "events"
        await producer.send_and_wait(topic, b'{"name": "a.csv", "bytes": 0}', headers=headers)
        headers[1] = ("ce_id", uuid.uuid4().hex.encode())
        await producer.send_and_wait(topic, b'{"name": "b.csv", "bytes": 120}', headers=headers)
        (seen,) = await watch.started_of("event")
        assert (await watch.ended(seen.id)).state.value == ENDS["event"]
        await api.lines_with(seen.id, "b.csv has come from shop/berlin")
