"""What a partition still owes to other topics: the outbox and the public events of decisions that are in its journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.machine import Machine
from contracts.message import Message, type_of
from contracts.scalars import to_iso
from toccata.runtime.processor.journal import JournalRecord, encode_record

_SEND_BYTES = 4 * 1024 * 1024
_OWED_BYTES = 32 * 1024 * 1024
_OWED_RECORDS = 20_000


@dataclass(slots=True)
class Sendable:
    """A record that may be sent now."""

    topic: str
    key: bytes
    partition: int | None
    value: bytes
    """Empty: a tombstone."""
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    seq: int = 0
    """Of the journal record that owes it."""


class Outgoing:
    """Owed records leave in order, at least once. ``mark`` is the seq up to which all of them were sent."""

    def __init__(self, name: str, number: int, machine: Machine[Any]) -> None:
        self.mark = 0
        self._machine = machine
        self._place = f"{name}/{number}"
        self._source_header = f"/toccata/{name}".encode()
        self._unsent: deque[tuple[JournalRecord, Sequence[Message], int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return the number of decisions whose events or messages are not sent yet."""
        return len(self._unsent)

    @property
    def overdrawn(self) -> bool:
        """So much is owed that nothing should be decided until some of it is sent."""
        return self._bytes > _OWED_BYTES or len(self._unsent) > _OWED_RECORDS

    def decided(self, record: JournalRecord, events: Sequence[Message], size: int) -> None:
        """A decision is durable. ``size`` is that of its record in bytes."""
        if record.outbox or self.is_public(events):
            self.owe(record, events, size)
        elif not self._unsent:
            self.mark = record.seq

    def owe(self, record: JournalRecord, events: Sequence[Message], size: int) -> None:
        self._unsent.append((record, events, size))
        self._bytes += size

    def sent(self, through: int) -> None:
        """All records up to this seq were acknowledged."""
        self.mark = max(self.mark, through)
        while self._unsent and self._unsent[0][0].seq <= self.mark:
            self._bytes -= self._unsent.popleft()[2]

    def unsent(self, most: int) -> tuple[int, list[Sendable]]:
        """Return owed records, oldest first, and the seq up to which they are complete."""
        found: list[Sendable] = []
        through, size = self.mark, 0
        for record, events, record_size in self._unsent:
            for sendable in self.sendables(record, events):
                sendable.seq = record.seq
                found.append(sendable)
            through = record.seq
            size += record_size
            if len(found) >= most or size >= _SEND_BYTES:
                break
        return through, found

    def dump(self) -> list[bytes]:
        return [encode_record(record) for record, _, _ in self._unsent]

    def is_public(self, events: Sequence[Message]) -> bool:
        return self._machine.published is not None and any(
            self._machine.public_key(event) is not None for event in events
        )

    def sendables(self, record: JournalRecord, events: Sequence[Message]) -> list[Sendable]:
        sendables = []
        if self._machine.published is not None:
            for index, event in enumerate(events):
                key = self._machine.public_key(event)
                if key is not None:
                    headers = self._headers(record, index, event, key)
                    sendables.append(
                        Sendable(self._machine.published, key.encode(), None, record.events[index], headers)
                    )
        sendables += [
            Sendable(o.topic, o.key, None if o.partition < 0 else o.partition, o.value) for o in record.outbox
        ]
        return sendables

    def _headers(
        self, record: JournalRecord, index: int, event: Message, key: str
    ) -> list[tuple[str, bytes]]:
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", f"{self._place}/{record.seq}/{index}".encode()),
            ("ce_type", type_of(event).encode()),
            ("ce_source", self._source_header),
            ("ce_time", to_iso(getattr(event, "at", record.at)).encode()),
            ("ce_subject", key.encode()),
            ("content-type", b"application/json"),
        ]
