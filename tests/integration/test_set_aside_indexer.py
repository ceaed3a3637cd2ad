"""A record that kills the real indexer is set aside, its neighbours become rows, and it can be sent again."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from contracts.telemetry import AttemptLogs, LogLine
from tests.integration.test_indexer import Run, World, run  # noqa: F401 - the fixture
from tests.support.deadly import MILD, one_letter, process, toccata
from tests.unit.indexer.stories import T0, two_tasks

pytestmark = pytest.mark.servers
INDEXER = "tests.support.deadly_indexer"


def logs(text: str) -> AttemptLogs:
    lines = [LogLine(level="INFO", at=T0, message=text)]
    return AttemptLogs(execution_id=text, first=0, lines=lines, namespace="n", flow_id="f", task_id="t")


def variables(world: World) -> dict[str, str]:
    return {
        "TOCCATA_DATABASE_URL": world.settings.database.url.get_secret_value(),
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": world.settings.kafka.bootstrap_servers,
        "TOCCATA_KAFKA_TOPIC_PREFIX": world.settings.kafka.topic_prefix,
    }


async def texts(world: World, wanted: int) -> set[str]:
    """Wait for so many lines, and return their texts."""
    committed = asyncio.Event()
    listening = await asyncpg.connect(world.settings.database.url.get_secret_value())
    await listening.add_listener("projection", lambda *_: committed.set())
    try:
        async with asyncio.timeout(60):
            while True:
                found = {str(row[-1]) for row in (await world.dump("logs"))["logs"]}
                if len(found) >= wanted:
                    return found
                await committed.wait()
                committed.clear()
    finally:
        await listening.close()


def test_a_record_that_kills_the_indexer_is_set_aside_and_can_be_sent_again(run: Run) -> None:  # noqa: F811
    async def body(world: World) -> None:
        # Other records stand before and behind the fatal one, in its partition and in others.
        for text in ("before", "poison", "after"):
            await world.publish("attempts.logs", "same", logs(text))
        await world.publish("executions.events", "e", *two_tasks("e"))
        deaths, letter = 0, None
        while letter is None:
            assert deaths <= 5, "three deaths announced, and at most two before that"
            async with process(INDEXER, variables=variables(world)) as running:
                letter = await one_letter(world.settings.kafka, running)
                if letter is not None:
                    assert await texts(world, 2) == {"before", "after"}
            deaths += letter is None

        assert deaths >= 3
        assert (letter.letter.topic, letter.letter.offset) == ("attempts.logs", 1)
        assert letter.letter.reason == "3 processes died while they decided it"
        assert len((await world.dump("executions"))["executions"]) == 1

        async with process(INDEXER, MILD, variables=variables(world)):
            await toccata(world.settings.kafka, "dead", "redrive", str(letter.number), "--yes")
            assert await texts(world, 3) == {"before", "after", "poison"}

    run(body)
