"""Reads dead letters from their topic."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import msgspec

from toccata.cli.event.topic import CLIENT
from toccata.runtime.dead_letter import VALUE_BYTES, DeadLetter, decode_dead_letter
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.settings import KafkaSettings

TOPIC = "dead"
_AT = (TOPIC, 0)


@dataclass(frozen=True, slots=True)
class Found:
    number: int
    """Its offset in the topic. People name it by this."""
    timestamp_ms: int
    letter: DeadLetter


async def letters(kafka: KafkaSettings, first: int = 0) -> list[Found]:
    """Return all letters from this number on, oldest first."""
    reader = Reader(kafka, CLIENT)
    try:
        begin = (await reader.beginning_offsets([_AT]))[_AT]
        end = (await reader.end_offsets([_AT]))[_AT]
        await reader.assign({_AT: min(max(first, begin), end)})
        found: list[Found] = []
        while reader.position(*_AT) < end:
            for records in (await reader.poll(1_000)).values():
                found += [each for each in map(_read, records) if each is not None]
        return found
    finally:
        await reader.stop()


def _read(record: Fetched) -> Found | None:
    try:
        return Found(record.offset, record.timestamp_ms, decode_dead_letter(record.value or b""))
    except msgspec.MsgspecError:
        return None  # not from us


async def original(kafka: KafkaSettings, letter: DeadLetter) -> Fetched | None:
    """Return the record itself, if its topic still holds it."""
    at = (letter.topic, letter.partition)
    reader = Reader(kafka, CLIENT)
    try:
        begin, end = await reader.beginning_offsets([at]), await reader.end_offsets([at])
        if not begin[at] <= letter.offset < end[at]:
            return None
        await reader.assign({at: letter.offset})
        while reader.position(*at) <= letter.offset:
            for records in (await reader.poll(1_000)).values():
                if records[0].offset == letter.offset:
                    return records[0]
        return None
    finally:
        await reader.stop()


def value_of(letter: DeadLetter) -> bytes | None:
    """Return the value as it was. None if the letter holds only its beginning."""
    raw = (
        base64.b64decode(letter.value.removeprefix("base64:"))
        if letter.value.startswith("base64:")
        else letter.value.encode()
    )
    return raw if len(raw) < VALUE_BYTES else None
