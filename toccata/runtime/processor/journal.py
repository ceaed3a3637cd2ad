"""The journal's records, one for each input. Its append is the commit point. Private, in MessagePack.

Fields are stored by position: add new ones at the end, with a default."""

from __future__ import annotations

import msgspec

TIMER = -1
"""``source`` when the input was a due timer."""
EPOCH = -2
"""``source`` of the record with which a new owner begins."""
MARK = -3
"""``source`` of a record that only holds a mark."""

ABOUT = -4
"""``source`` of a record that says: the next thing that its writer does is to decide this input. Only in careful mode."""


class Owed(msgspec.Struct, frozen=True, array_like=True):
    """A record for another topic. ``partition`` -1: chosen by the key."""

    topic: str
    key: bytes
    partition: int
    value: bytes
    """Empty: a tombstone."""


class JournalRecord(msgspec.Struct, frozen=True, array_like=True):
    epoch: int
    seq: int
    """Counts a partition's valid records that change state (sources >= TIMER), without a gap."""
    source: int
    """TIMER, EPOCH, MARK, ABOUT, or the index of the input topic in the version that wrote the record."""
    offset: int
    """The input's offset in its topic. In EPOCH records the random number of the process."""
    at: int
    mark: int
    """All owed records up to this seq were sent before this record was written."""
    events: list[bytes] = []
    """The machine's events as JSON, as published."""
    outbox: list[Owed] = []
    timers: list[tuple[str, int | None]] = []
    topic: str = ""
    """The name of the input topic. Unlike ``source`` it stays the same when a version has other input topics.
    Empty for records that are not from a topic, and in journals from before this field."""


class UnreadableRecord(Exception):
    """The bytes are not a record of a journal."""


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(JournalRecord)


def encode_record(record: JournalRecord) -> bytes:
    return _encode(record)


def decode_record(value: bytes | None) -> JournalRecord:
    """Decode a record. Raise UnreadableRecord if that fails, because a journal must not be skipped."""
    try:
        return _decoder.decode(value or b"")
    except msgspec.MsgspecError as error:
        raise UnreadableRecord(str(error)) from error
