"""Web while its servers are away, silent or late, and when it stops."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.execution import (
    StartExecution,
)
from services.web.compose import composed
from tests.support.topics import delete_topics, fresh_prefix
from tests.support.web_alone import (
    API,
    FLOW,
    IDENTITY,
    Others,
    Web,
    a_client,
    a_deployment,
    running,
    web_settings,
)
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics

pytestmark = [pytest.mark.servers, pytest.mark.anyio]


async def test_an_execution_is_accepted_before_the_executor_takes_it(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.shell.start.REACTION_SECONDS", 0.3)
    await web.create()
    web.others.silent = True
    accepted = await web.execute()
    assert accepted["state"]["current"] == "CREATED"
    later = await web.call("GET", f"{API}/executions/{accepted['id']}")
    assert later.status_code == 503


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
