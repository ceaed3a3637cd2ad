"""All logic of one partition of a processor, without IO. The host and the simulator run it.

Theory of operation. The owner of a partition is the replica that appended the highest *epoch record* to its journal. It
decides inputs in order on the machine's state, and turns each into one journal record. State is ahead of the journal by the
batch in flight. If the append of that batch fails or lands in a wrong place, the whole instance is thrown away, and a new
one is built from snapshot and journal. So a decision that did not become durable has no effect. Owed records (the outbox and
public events) leave only after the append, in order, at least once; ``mark`` in later records says how far they were sent.
Readers of a journal ignore records of an epoch lower than one they have seen, so a former owner's appends change nothing.

No input may stop a partition. An input that cannot be decoded is buried. An input is offered to ``machine.fail`` if its step
raises, or if its record could not be stored, sent or read again. If that fails too, the input is buried.
"""

from __future__ import annotations

import heapq
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contracts import codec
from contracts.codec import Codec, UnreadableMessage
from contracts.machine import Machine, Step, TimerDue
from contracts.message import Message, type_of
from contracts.nesting import MOST_LEVELS, is_deeper
from contracts.scalars import Millis, to_iso
from contracts.topics import HARD_RECORD_BYTES, TOPICS
from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.errors import Fatal, Fenced
from toccata.runtime.kafka import partition_of
from toccata.runtime.processor.journal import (
    EPOCH,
    MARK,
    TIMER,
    JournalRecord,
    Owed,
    decode_record,
    encode_record,
)

_MOST_BYTES = HARD_RECORD_BYTES - 1_000
"""The largest journal record. Its parts can then also be sent with their key."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input topic of a processor."""

    topic: str
    codec: Codec[Any]
    ready: Callable[[Any], bool] | None = None
    """False: hold back this input and all later ones of the topic (for admission, or until its flow is read)."""
    key: Callable[[Any], str] | None = None
    """The key that an input must have. Foreign clients may hash keys differently; such an input is sent on to its own
    partition."""


@dataclass(slots=True)
class Offered:
    """An input as read."""

    source: int
    offset: int
    key: bytes | None
    value: bytes | None


@dataclass(slots=True)
class Sendable:
    """A record that may be sent now."""

    topic: str
    key: bytes
    partition: int | None
    value: bytes
    headers: list[tuple[str, bytes]] = field(default_factory=list)


Position: TypeAlias = tuple[int, int | str]
"""The place of an input: index of its source and offset, or TIMER and name."""


@dataclass(frozen=True, slots=True)
class Failing:
    """An input whose step raised."""

    trace: str
    hopeless: bool = False
    """``machine.fail`` raised too, so the input can only be skipped."""


class StepRaised(Exception):
    """The machine raised on an input. Rebuild from the log, with this input marked as failing."""

    def __init__(self, position: Position, failing: Failing) -> None:
        super().__init__(failing.trace)
        self.input = position
        self.failing = failing

    @property
    def trace(self) -> str:
        return self.failing.trace


class _Unstorable(Exception):
    """The effects of a step cannot be appended, sent, or read by their receivers."""


class Partition:
    def __init__(
        self,
        name: str,
        number: int,
        machine: Machine[Any],
        sources: Sequence[Source],
        failing: dict[Position, Failing] | None = None,
    ) -> None:
        self.name = name
        self.number = number
        self.machine = machine
        self.sources = sources
        self.failing = failing if failing is not None else {}
        """Inputs whose step raised before. They go to ``machine.fail`` with the trace; hopeless ones go nowhere."""
        self.epoch = 0
        self.seq = 0
        self.at: Millis = 0
        self.mark = 0
        self.next_offset = 0
        """The offset in the journal where the next record must land."""
        self.processed: dict[int, int] = {}
        self.raised: StepRaised | None = None
        self.buried = self.buried_own = 0
        """Dead letters, and how many of them came from topics that only our own services write."""
        self.buried_reason = ""
        """The reason of the last dead letter."""
        self._events = machine.journal
        self._timers: dict[str, Millis] = {}
        self._heap: list[tuple[Millis, int, str]] = []
        self._timer_count = 0
        self._in_flight: list[tuple[JournalRecord, bytes, list[Message]]] = []
        self._unsent: deque[tuple[JournalRecord, list[Message]]] = deque()
        self._source_header = f"/toccata/{name}".encode()

    def replay(self, offset: int, value: bytes | None) -> None:
        """Apply one journal record, in order of offsets. Raise Fatal if there is a gap."""
        self.next_offset = offset + 1
        record = decode_record(value)
        if record.epoch < self.epoch:
            return
        self.epoch = record.epoch
        if record.source == EPOCH:
            return
        if record.source != MARK:
            if record.seq <= self.seq:
                return  # the snapshot contains it
            if record.seq != self.seq + 1:
                raise Fatal(
                    f"{self.name}/{self.number}: journal jumps from {self.seq} to {record.seq} at offset {offset}"
                )
            events = self._recorded(offset, record.events)
            for event in events:
                self.machine.evolve(event)
            self._apply(record)
            self._unsent.append((record, events))
        self._set_mark(record.mark)

    def _recorded(self, offset: int, events: Iterable[bytes]) -> list[Message]:
        try:
            return [self._events.decode(event) for event in events]
        except UnreadableMessage as unreadable:
            where = f"{self.name}/{self.number}: journal record at offset {offset}"
            raise Fatal(f"{where} has an event that this version cannot read: {unreadable.reason}") from None

    def begin(self, nonce: int) -> tuple[int, bytes]:
        """Return the offset where the epoch record must land for us to become the owner, and the record."""
        return self.next_offset, encode_record(
            JournalRecord(self.epoch + 1, self.seq, EPOCH, nonce, self.at, self.mark)
        )

    def began(self, offset: int) -> None:
        """Become the owner. Raise Fenced if the epoch record landed elsewhere: read on and begin again."""
        if offset != self.next_offset:
            # Our epoch begins at that record, not earlier. Records of the present owner in between are valid.
            raise Fenced(
                f"{self.name}/{self.number}: the epoch record landed at offset {offset}, expected {self.next_offset}"
            )
        self.epoch += 1
        self.next_offset = offset + 1

    def decide(self, offered: Iterable[Offered], now: Millis) -> list[bytes]:
        """Step all inputs, then the timers due at ``now``. Return the journal records to append. An input that raises ends the
        batch and sets ``raised``: append the earlier records, then rebuild."""
        assert not self._in_flight, "the previous batch is not committed yet"
        self.at = max(self.at, now)
        try:
            for item in offered:
                if item.offset > self.processed.get(item.source, -1):
                    self._decide_input(item)
            while self._heap and self._heap[0][0] <= self.at:
                due, _, name = heapq.heappop(self._heap)
                if self._timers.get(name) == due:
                    self._decide_timer(name, due)
        except StepRaised as raised:
            self.raised = raised
        return [value for _, value, _ in self._in_flight]

    def committed(self, base_offset: int) -> None:
        """The batch is durable from this offset on. Raise Fenced if another owner wrote in between."""
        if self._in_flight and base_offset != self.next_offset:
            raise Fenced(
                f"{self.name}/{self.number}: the batch landed at offset {base_offset}, expected {self.next_offset}"
            )
        for record, _, events in self._in_flight:
            if record.outbox or self._is_public(events):
                self._unsent.append((record, events))
            elif not self._unsent:
                self.mark = record.seq
        self.next_offset += len(self._in_flight)
        self._in_flight = []

    def next_due(self) -> Millis | None:
        """Return when the earliest timer is due."""
        while self._heap and self._timers.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def unsent(self, most: int = 2_000) -> tuple[int, list[Sendable]]:
        """Return owed records, oldest first, and the seq up to which they are complete."""
        sendables: list[Sendable] = []
        through = self.mark
        for record, events in self._unsent:
            sendables.extend(self._sendables(record, events))
            through = record.seq
            if len(sendables) >= most:
                break
        return through, sendables

    def sent(self, through: int) -> None:
        """All records that ``unsent`` gave were acknowledged."""
        self._set_mark(through)

    @property
    def owes(self) -> bool:
        return bool(self._unsent)

    @property
    def owed(self) -> int:
        """The number of decisions whose events or messages are not sent yet."""
        return len(self._unsent)

    def mark_record(self) -> bytes:
        """Return a record with only the mark, for a clean stop."""
        return encode_record(JournalRecord(self.epoch, self.seq, MARK, 0, self.at, self.mark))

    def dump(self) -> dict[str, Any]:
        """Return all state but the machine's items. Call this only while nothing is in flight or owed."""
        assert not self._in_flight
        return {
            "epoch": self.epoch,
            "seq": self.seq,
            "at": self.at,
            "next_offset": self.next_offset,
            "processed": list(self.processed.items()),
            "timers": list(self._timers.items()),
        }

    def load(self, header: dict[str, Any], items: Iterable[bytes]) -> None:
        self.machine.load(items)
        self.epoch, self.seq, self.at = header["epoch"], header["seq"], header["at"]
        self.mark = self.seq
        self.next_offset = header["next_offset"]
        self.processed = dict(header["processed"])
        for name, due in header["timers"]:
            self._set_timer(name, due)

    def _decide_input(self, item: Offered) -> None:
        source = self.sources[item.source]
        try:
            message = source.codec.decode(item.value)
        except UnreadableMessage as unreadable:
            self._bury(item, unreadable.reason)
            return
        key = None if source.key is None else source.key(message).encode()
        if key is not None and partition_of(key, TOPICS[source.topic].partitions) != self.number:
            self._send_home(item, key)
            return
        position = (item.source, item.offset)
        failing = self.failing.get(position)
        if failing is not None and failing.hopeless:
            self._bury(item, f"its step raised, and so did failing it: {failing.trace}")
            return
        step = self._step(message, position, failing)
        # An input without effect leaves no record, because deciding it again has no effect either.
        if step.events or step.outbox or step.timers:
            self._record(position, item.offset, step, failing)
        else:
            self.processed[item.source] = item.offset

    def _decide_timer(self, name: str, due: Millis) -> None:
        position = (TIMER, name)
        failing = self.failing.get(position)
        hopeless = failing is not None and failing.hopeless
        step = Step() if hopeless else self._step(TimerDue(name, due), position, failing)
        self._record(position, due, step, failing)

    def _step(self, message: Message | TimerDue, position: Position, failing: Failing | None) -> Step:
        try:
            if failing is not None:
                return self.machine.fail(message, self.at, failing.trace)
            return self.machine.step(message, self.at)
        except Exception as error:  # a bug in a transition: the input is failed after a rebuild
            trace = Failing(traceback.format_exc(), hopeless=failing is not None)
            raise StepRaised(position, trace) from error

    def _record(self, position: Position, offset: int, step: Step, failing: Failing | None) -> None:
        source, name = position
        timers: list[tuple[str, int | None]] = [(timer.name, timer.due) for timer in step.timers]
        if source == TIMER:
            timers.insert(0, (str(name), None))
        try:
            events, outbox = [codec.encode(event) for event in step.events], _owed(step)
            self._keep(source, offset, events, outbox, timers, step.events)
        # Encoders have more limits than we check: numbers, text, and values that are too deep.
        except (_Unstorable, OverflowError, ValueError, TypeError, RecursionError) as error:
            trace = Failing(f"{type(error).__name__}: {error}", hopeless=failing is not None)
            raise StepRaised(position, trace) from error

    def _keep(  # noqa: PLR0913 - the parts of a record
        self,
        source: int,
        offset: int,
        events: list[bytes],
        outbox: list[Owed],
        timers: list[tuple[str, int | None]],
        messages: list[Message],
    ) -> None:
        """Add a record to the batch. Raise if it could not be stored or sent."""
        record = JournalRecord(
            self.epoch, self.seq + 1, source, offset, self.at, self.mark, events, outbox, timers
        )
        value = encode_record(record)
        if len(value) > _MOST_BYTES:
            raise _Unstorable(
                f"this step needs a record of {len(value):,} bytes, but the limit is {_MOST_BYTES:,}"
            )
        if any(is_deeper(part) for part in (*events, *(owed.value for owed in outbox))):
            raise _Unstorable(f"a value is nested deeper than {MOST_LEVELS} levels")
        self._apply(record)
        self._in_flight.append((record, value, messages))

    def _bury(self, item: Offered, reason: str) -> None:
        topic = self.sources[item.source].topic
        value = dead_letter(topic, self.number, item.offset, reason, item.key, item.value or b"")
        self._keep(item.source, item.offset, [], [Owed("dead", topic.encode(), -1, value)], [], [])
        self.buried += 1
        self.buried_reason = reason[:500]
        if TOPICS[topic].visibility != "public in":
            self.buried_own += 1

    def _send_home(self, item: Offered, key: bytes) -> None:
        value = item.value or b""
        if len(key) + len(value) > _MOST_BYTES - 1_000:
            self._bury(
                item, "the record is not in the partition of its key, and is too large to be sent there"
            )
        else:
            topic = self.sources[item.source].topic
            self._keep(item.source, item.offset, [], [Owed(topic, key, -1, value)], [], [])

    def _apply(self, record: JournalRecord) -> None:
        self.seq = record.seq
        self.at = max(self.at, record.at)
        if record.source >= 0:
            self.processed[record.source] = record.offset
        for name, due in record.timers:
            self._set_timer(name, due)

    def _set_timer(self, name: str, due: Millis | None) -> None:
        if due is None:
            self._timers.pop(name, None)
            return
        self._timers[name] = due
        self._timer_count += 1
        heapq.heappush(self._heap, (due, self._timer_count, name))

    def _set_mark(self, mark: int) -> None:
        self.mark = max(self.mark, mark)
        while self._unsent and self._unsent[0][0].seq <= self.mark:
            self._unsent.popleft()

    def _is_public(self, events: Sequence[Message]) -> bool:
        return self.machine.published is not None and any(
            self.machine.public_key(event) is not None for event in events
        )

    def _sendables(self, record: JournalRecord, events: Sequence[Message]) -> list[Sendable]:
        sendables = []
        if self.machine.published is not None:
            for index, event in enumerate(events):
                key = self.machine.public_key(event)
                if key is not None:
                    headers = self._headers(record, index, event, key)
                    sendables.append(
                        Sendable(self.machine.published, key.encode(), None, record.events[index], headers)
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
            ("ce_id", f"{self.name}/{self.number}/{record.seq}/{index}".encode()),
            ("ce_type", type_of(event).encode()),
            ("ce_source", self._source_header),
            ("ce_time", to_iso(getattr(event, "at", record.at)).encode()),
            ("ce_subject", key.encode()),
            ("content-type", b"application/json"),
        ]


def _owed(step: Step) -> list[Owed]:
    outbox = []
    for out in step.outbox:
        partition = -1 if out.partition is None else out.partition
        if partition >= TOPICS[out.topic].partitions:
            raise _Unstorable(f"topic {out.topic} has no partition {partition}")
        outbox.append(Owed(out.topic, out.key.encode(), partition, codec.encode(out.message)))
    return outbox
