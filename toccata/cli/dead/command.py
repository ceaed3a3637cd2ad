"""Lists and shows dead letters, and sends their records again."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from contracts.topics import TOPICS
from toccata.cli.confirm import confirm
from toccata.cli.dead.letter import Found, letters, original, value_of
from toccata.cli.errors import CommandError
from toccata.cli.event.topic import CLIENT, reached
from toccata.cli.option import Form
from toccata.cli.output import date, say, say_item, say_table, say_value, visible
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.dead_letter import DeadLetter
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings

_REASON_CHARS = 90
TIMERS = ".timers"
"""How letters about timers of a processor name their place. Other unknown names are topics that Event triggers read."""


def show_all(target: Target, most: int, form: Form) -> None:
    """The newest letters, the newest last."""
    found = asyncio.run(_read(kafka_of(target), 0))[-most:]
    if form != "table":
        say_value([_as_item(each) for each in found], form)
        return
    if not found:
        say("There are no dead letters.")
        return
    rows = [
        (
            str(each.number),
            date(each.timestamp_ms),
            f"{each.letter.topic}/{each.letter.partition}@{each.letter.offset}",
            visible(each.letter.key)[:40],
            visible(each.letter.reason.splitlines()[0] if each.letter.reason else "")[:_REASON_CHARS],
        )
        for each in found
    ]
    say_table(("NUMBER", "TIME", "RECORD", "KEY", "REASON"), rows)


def show_one(target: Target, number: int, form: Form) -> None:
    say_item(_as_item(asyncio.run(_find(kafka_of(target), number))), form)


def redrive(target: Target, number: int, *, yes: bool) -> None:
    """Send the record again to its topic, after a person has agreed."""
    kafka = kafka_of(target)
    found = asyncio.run(_find(kafka, number))
    letter = found.letter
    if letter.topic not in TOPICS and letter.topic.endswith(TIMERS):
        raise CommandError(
            f"Letter {number} is no record of a topic: it is from {letter.topic}.",
            "It cannot be sent again. What it belongs to can be killed or restarted.",
        )
    say(f"{letter.topic}/{letter.partition}@{letter.offset}: {visible(letter.reason)[:500]}")
    confirm(f"Send it again to {letter.topic}?", yes=yes)
    asyncio.run(_send(kafka, number, letter))
    say(("sent again", "green"), f" to {letter.topic}; the letter stays in the list")


async def _send(kafka: KafkaSettings, number: int, letter: DeadLetter) -> None:
    # Of a topic that is not ours we do not know how its writers choose partitions.
    partition = None if letter.topic in TOPICS else letter.partition
    async with reached(kafka):
        record = await original(kafka, letter)
        if record is not None:
            again = Record(record.key, record.value, record.headers, partition)
        else:
            value = value_of(letter)
            if value is None:
                raise CommandError(
                    f"Letter {number} holds only the beginning of its record, and the topic has deleted the rest.",
                    "It cannot be sent again.",
                )
            again = Record(letter.key.encode(), value, partition=partition)
        producer = Producer(kafka, CLIENT)
        try:
            await producer.send(letter.topic, [again])
        finally:
            await producer.stop()


async def _find(kafka: KafkaSettings, number: int) -> Found:
    for found in await _read(kafka, number):
        if found.number == number:
            return found
    raise CommandError(f"There is no dead letter {number}.", "`toccata dead list` shows them.")


async def _read(kafka: KafkaSettings, first: int) -> list[Found]:
    async with reached(kafka):
        return await letters(kafka, first)


def _as_item(found: Found) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(found.letter)
    fields.pop("type", None)
    return {"number": found.number, "timestamp_ms": found.timestamp_ms, **fields}
