"""The journal's records: one per input, whose append is the commit point. Private, MessagePack, positional.

Fields are stored by position: append new ones at the end, with a default."""

from __future__ import annotations

import msgspec

from toccata.runtime.errors import Fatal

TIMER = -1
"""``source`` of an input that was a due timer."""
EPOCH = -2
"""``source`` of a record by which a new owner begins."""
MARK = -3
"""``source`` of a record that only notes how far the outbox was sent."""


class Owed(msgspec.Struct, frozen=True, array_like=True):
    """A record for another topic. ``partition`` -1: by the key."""

    topic: str
    key: bytes
    partition: int
    value: bytes


class JournalRecord(msgspec.Struct, frozen=True, array_like=True):
    epoch: int
    seq: int
    """Gap-free per partition over all valid records that change state (sources >= TIMER)."""
    source: int
    """Index of the input topic, or TIMER, EPOCH, MARK."""
    offset: int
    """Of the input in its topic; for EPOCH records a random nonce that tells two owners apart."""
    at: int
    mark: int
    """Everything owed by records up to this seq was sent before this record was written."""
    events: list[bytes] = []
    """JSON of the machine's events, as published."""
    outbox: list[Owed] = []
    timers: list[tuple[str, int | None]] = []


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(JournalRecord)


def encode_record(record: JournalRecord) -> bytes:
    return _encode(record)


def decode_record(value: bytes | None) -> JournalRecord:
    """Raises Fatal: a journal that cannot be read must not be skipped."""
    try:
        return _decoder.decode(value or b"")
    except msgspec.MsgspecError as error:
        raise Fatal(f"unreadable journal record: {error}") from error
