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

import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from contracts import codec
from contracts.codec import UnreadableMessage
from contracts.machine import Input, Logged, Machine, Step, Timer, TimerDue, Tombstone
from contracts.message import Message
from contracts.nesting import MOST_LEVELS, is_deeper
from contracts.scalars import Millis
from contracts.topics import HARD_RECORD_BYTES, TOPICS
from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.errors import Damaged, Fenced
from toccata.runtime.kafka import partition_of
from toccata.runtime.processor.cells import HEADER
from toccata.runtime.processor.input import ANEW, Failing, Offered, Position, Source, StepRaised
from toccata.runtime.processor.journal import (
    ABOUT,
    EPOCH,
    MARK,
    TIMER,
    JournalRecord,
    Owed,
    UnreadableRecord,
    decode_record,
    encode_record,
)
from toccata.runtime.processor.outgoing import Outgoing, Sendable
from toccata.runtime.processor.timers import Timers
from toccata.runtime.suspicion import Position as Suspect
from toccata.runtime.suspicion import Suspicion

WRONG_CLOCK_MS = 600_000
"""How far the clock may be behind a partition's time before that time is corrected."""
LOSS_GAP = 1_000_000
"""How many numbers of decisions are left out after a loss. Receivers know records by number, and must not take new ones for old."""
_BATCH_BYTES = 8 * 1024 * 1024
_MOST_BYTES = HARD_RECORD_BYTES - 1_000
"""The largest journal record. Its parts can then also be sent with their key."""

_CELL: msgspec.msgpack.Decoder[tuple[list[tuple[str, Millis]], list[bytes]]] = msgspec.msgpack.Decoder(
    tuple[list[tuple[str, Millis]], list[bytes]]
)
_HOPELESS_AGAIN_MS = 600_000
"""A timer is due again after this time if its step raised, and failing it raised too."""


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
        self.accepted: frozenset[int] = frozenset()
        """Offsets of the journal at which an operator accepts that records are lost or cannot be applied."""
        self.damage: list[str] = []
        """What was wrong there."""
        self.failing = failing if failing is not None else {}
        """Inputs whose step raised before. They go to ``machine.fail`` with the trace; hopeless ones go nowhere."""
        self.epoch = 0
        self.seq = 0
        self.at: Millis = 0
        self.next_offset = 0
        """The offset in the journal where the next record must land."""
        self.processed: dict[int, int] = {}
        """The last decided offset by index of the source."""
        self._index = {source.topic: index for index, source in enumerate(sources)}
        self._elsewhere: dict[str, int] = {}
        self.raised: StepRaised | None = None
        self.suspicion = Suspicion()
        self._nonce = self._began_at = 0
        self.buried = self.buried_own = self.set_aside = 0
        """Dead letters, how many of them came from topics that only our own services write, and how many killed processes."""
        self.buried_reason = ""
        """The reason of the last dead letter."""
        self._events = machine.journal
        self._timers = Timers(machine.timer_owner)
        self.outgoing = Outgoing(name, number, machine)
        self._waiting: deque[Offered] = deque()
        self._in_flight: list[tuple[JournalRecord, bytes, list[Message]]] = []
        self._in_flight_bytes = 0

    def survey(self, begin: int, end: int) -> int:
        """Return where to begin to replay a journal that holds these offsets. Raise Damaged if it lacks records."""
        if end < self.next_offset:
            self._refuse(
                end, f"its journal ends at offset {end}, but its snapshot was taken at {self.next_offset}"
            )
        if begin > self.next_offset and begin == end:
            self._refuse(
                end, f"its journal is empty up to offset {end}, and its snapshot ends at {self.next_offset}"
            )
        # If something is left, its numbers show whether something is missing.
        return min(max(begin, self.next_offset), end)

    def replay(self, offset: int, value: bytes | None) -> None:
        """Apply one journal record, in order of offsets. Raise Damaged if records before it are missing, or it is unreadable."""
        self.next_offset = offset + 1
        try:
            record = decode_record(value)
        except UnreadableRecord as unreadable:
            self._refuse(offset, f"its journal has an unreadable record at offset {offset}: {unreadable}")
            return
        if record.epoch < self.epoch:
            return
        self.epoch = record.epoch
        if record.source < TIMER:
            if record.seq > self.seq:
                self._refuse_jump(offset, record.seq)
            self._replay_sign(record)
            return
        if record.seq <= self.seq:
            return  # the snapshot contains it
        if record.seq != self.seq + 1:
            self._refuse_jump(offset, record.seq - 1)
        self._replay_decision(offset, record, len(value or b""))
        self.outgoing.sent(record.mark)
        self.suspicion.decided(record.at, _suspect(record))

    def _replay_sign(self, record: JournalRecord) -> None:
        """A record that changes no state."""
        if record.source == EPOCH:
            self.suspicion.epoch(record.offset, record.at)
        elif record.source == MARK:
            self.outgoing.sent(record.mark)
            self.suspicion.stopped()
        else:
            self.suspicion.announced(_suspect(record))

    def _replay_decision(self, offset: int, record: JournalRecord, size: int) -> None:
        where = f"its journal record at offset {offset}"
        events: list[Message] = []
        try:
            events = [self._events.decode(event) for event in record.events]
            for event in events:
                self.machine.evolve(event)
        except UnreadableMessage as unreadable:
            self._refuse(offset, f"{where} has an event that this version cannot read: {unreadable.reason}")
        except Exception:  # noqa: BLE001 - a bug, or state that lacks what was before: refused below
            if not self.damage:
                self._refuse(offset, f"{where} cannot be applied: {traceback.format_exc()}")
            self.damage.append(f"{where} was applied in part")
        self._apply(record)
        if record.source >= 0:
            self._set_processed(record.topic or record.source, record.offset)
        self.outgoing.owe(record, events, size)

    def _refuse_jump(self, offset: int, seq: int) -> None:
        self._refuse(offset, f"its journal jumps from decision {self.seq} to {seq} at offset {offset}")
        self.seq = seq

    def _refuse(self, offset: int, what: str) -> None:
        """Raise Damaged, unless an operator accepted what is wrong at this offset."""
        if offset not in self.accepted:
            raise Damaged(self.name, self.number, offset, what)
        self.damage.append(what)

    def begin(self, nonce: int, now: Millis = 0) -> tuple[int, bytes]:
        """Return the offset where the epoch record must land for us to become the owner, and the record. ``nonce`` is this
        process's random number."""
        self._nonce, self._began_at = nonce, max(self.at, now)
        return self.next_offset, encode_record(
            JournalRecord(self.epoch + 1, self.seq, EPOCH, nonce, max(self.at, now), self.outgoing.mark)
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
        self.suspicion.begin(self._nonce, self._began_at)

    def leave_gap(self) -> None:
        """After an accepted loss: number on above all that may have been published. Take a snapshot before deciding."""
        self.seq = max(self.seq, self.next_offset) + LOSS_GAP

    def decide(self, offered: Iterable[Offered], now: Millis) -> list[bytes]:
        """Step all inputs, then the timers due at ``now``. Return the journal records to append. If they become many bytes, the
        rest is ``waiting``, and the next call begins with it. An input that raises ends the batch and sets ``raised``: append the
        earlier records, then rebuild."""
        assert not self._in_flight, "the previous batch is not committed yet"
        self._advance(now)
        waiting = self._waiting
        waiting.extend(offered)
        try:
            while waiting and self._in_flight_bytes < _BATCH_BYTES:
                item = waiting.popleft()
                if self._is_new(item):
                    self._decide_input(item)
            while self._in_flight_bytes < _BATCH_BYTES and (timer := self._timers.pop_due(self.at)):
                self._decide_timer(timer[1], timer[0])
        except StepRaised as raised:
            self.raised = raised
        return [value for _, value, _ in self._in_flight]

    def _advance(self, now: Millis) -> None:
        """Time goes forward only. But if it is far ahead of the clock, the clock was wrong, and waiting for it would refuse every start."""
        if now > self.at or self.at - now > WRONG_CLOCK_MS:
            self.at = now

    def _is_new(self, item: Offered) -> bool:
        """Return whether it is an input that was not decided yet. Forget the offsets of a topic that was made anew."""
        if item.offset > self.processed.get(item.source, -1):
            return True
        if item.offset == ANEW:
            self.processed.pop(item.source, None)
        return False

    def next_up(self, offered: Iterable[Offered], now: Millis) -> Suspect | None:
        """In careful mode: return what is decided next, if anything is."""
        self._advance(now)
        self._waiting.extend(offered)
        while self._waiting:
            item = self._waiting[0]
            if self._is_new(item):
                return self.sources[item.source].topic, item.offset
            self._waiting.popleft()
        first = self._timers.next()
        return None if first is None or first[0] > self.at else ("", first[1])

    def announcement(self, position: Suspect) -> bytes:
        """Return the record to append before :meth:`decide_one`."""
        topic, what = position
        timers: list[tuple[str, int | None]] = [] if topic else [(str(what), None)]
        offset = what if isinstance(what, int) else 0
        return encode_record(
            JournalRecord(
                self.epoch, self.seq, ABOUT, offset, self.at, self.outgoing.mark, [], [], timers, topic
            )
        )

    def decide_one(self, position: Suspect) -> list[bytes]:
        """Decide what :meth:`next_up` returned, or set it aside if it killed too many processes."""
        assert not self._in_flight, "the previous batch is not committed yet"
        reason = self.suspicion.verdict(position)
        try:
            if position[0]:
                item = self._waiting.popleft()
                if reason:
                    self._bury(item, reason)
                else:
                    self._decide_input(item)
                    self._settle(item)
            else:
                timer = self._timers.pop_due(self.at)
                assert timer is not None, "next_up returned it"
                due, name = timer
                if reason:
                    self._bury_timer(name, due, reason)
                else:
                    self._decide_timer(name, due)
            self.set_aside += bool(reason)
        except StepRaised as raised:
            self.raised = raised
        self.suspicion.decided(self.at)
        return [value for _, value, _ in self._in_flight]

    def committed(self, base_offset: int) -> None:
        """The batch is durable from this offset on. Raise Fenced if another owner wrote in between."""
        if self._in_flight and base_offset != self.next_offset:
            raise Fenced(
                f"{self.name}/{self.number}: the batch landed at offset {base_offset}, expected {self.next_offset}"
            )
        for record, value, events in self._in_flight:
            self.outgoing.decided(record, events, len(value))
        self.next_offset += len(self._in_flight)
        self._in_flight, self._in_flight_bytes = [], 0

    def next_due(self) -> Millis | None:
        """Return when the earliest timer is due."""
        first = self._timers.next()
        return first[0] if first is not None else None

    def unsent(self, most: int = 2_000) -> tuple[int, list[Sendable]]:
        """Return owed records, oldest first, and the seq up to which they are complete."""
        return self.outgoing.unsent(most)

    def sent(self, through: int) -> None:
        """All records that ``unsent`` gave were acknowledged."""
        self.outgoing.sent(through)

    @property
    def owed(self) -> int:
        """The number of decisions whose events or messages are not sent yet."""
        return len(self.outgoing)

    @property
    def overdrawn(self) -> bool:
        """So much is owed that nothing should be decided until some of it is sent."""
        return self.outgoing.overdrawn

    @property
    def waiting(self) -> int:
        """The number of inputs that were offered, but did not fit the last batch."""
        return len(self._waiting)

    @property
    def in_flight(self) -> bool:
        """A batch was decided, and its append is not acknowledged."""
        return bool(self._in_flight)

    def _settle(self, item: Offered) -> None:
        """Record an announced input that had no effect, too. Otherwise its announcement would look like a death."""
        if not self._in_flight:
            self._keep(item.source, item.offset, [], [], [], [])

    def signed(self, offset: int) -> None:
        """A mark or an announcement landed there. Raise Fenced if another owner wrote before it."""
        if offset != self.next_offset:
            where = f"{self.name}/{self.number}"
            raise Fenced(f"{where}: a sign landed at offset {offset}, expected {self.next_offset}")
        self.next_offset += 1

    def is_foreign(self, position: Position) -> bool:
        """Return whether anyone may have written this input."""
        source, _ = position
        public = {"public in", "documented"}
        return source != TIMER and TOPICS[self.sources[source].topic].visibility in public

    def mark_record(self) -> bytes:
        """Return a record with only the mark, for a clean stop, and when careful mode ends."""
        return encode_record(JournalRecord(self.epoch, self.seq, MARK, 0, self.at, self.outgoing.mark))

    def dump(self) -> dict[str, Any]:
        """Return all state but the machine's items, with what is still owed. Call this only while nothing is in flight."""
        assert not self._in_flight
        positions = {self.sources[index].topic: offset for index, offset in self.processed.items()}
        return {
            "epoch": self.epoch,
            "seq": self.seq,
            "at": self.at,
            "mark": self.outgoing.mark,
            "next_offset": self.next_offset,
            "processed": list((self._elsewhere | positions).items()),
            "timers": self._timers.items(),
            "process": self.suspicion.owner,
            "owed": self.outgoing.dump(),
        }

    def load(self, header: dict[str, Any], items: Iterable[bytes]) -> None:
        self.machine.load(items)
        self.epoch, self.seq, self.at = header["epoch"], header["seq"], header["at"]
        self.outgoing.mark = header.get("mark", self.seq)
        self.next_offset = header["next_offset"]
        for topic, offset in header["processed"]:
            self._set_processed(topic, offset)
        for name, due in header["timers"]:
            self._timers.load(self.machine.timer_owner(name), [(name, due)])
        if header.get("process") is not None:
            self.suspicion.epoch(header["process"], self.at)
        for value in header.get("owed", ()):
            record = decode_record(value)
            self.outgoing.owe(record, [self._events.decode(event) for event in record.events], len(value))

    def header(self) -> dict[str, Any]:
        """Return what :meth:`dump` returns, without the timers that belong to entities."""
        return self.dump() | {"timers": self._timers.of(HEADER)}

    def take_touched(self) -> dict[str, None]:
        """Return the entities that may have changed since the last call, or since the partition was loaded."""
        touched = dict.fromkeys(self.machine.take_touched()) | self._timers.touched
        self._timers.touched = {}
        touched.pop(HEADER, None)
        return touched

    def entities(self) -> Iterable[str]:
        return {**dict.fromkeys(self.machine.entities()), **dict.fromkeys(self._timers.owners())}

    def cell(self, entity: str) -> bytes:
        """Return an entity with its timers. Empty: there is no such entity."""
        timers, items = self._timers.of(entity), list(self.machine.dump_entity(entity))
        return msgspec.msgpack.encode((timers, items)) if timers or items else b""

    def load_cells(self, header: dict[str, Any], cells: Iterable[tuple[str, bytes]]) -> None:
        """Load what :meth:`header` and :meth:`cell` gave, into an empty partition."""
        self.load(header, ())
        self.machine.load_entities(self._loaded(cells))

    def _loaded(self, cells: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, list[bytes]]]:
        for entity, cell in cells:
            timers, items = _CELL.decode(cell)
            self._timers.load(entity, timers)
            if items:
                yield entity, items

    def _set_processed(self, topic: str | int, offset: int) -> None:
        """``topic`` is an index in what versions before stable names wrote."""
        index = topic if isinstance(topic, int) else self._index.get(topic)
        if index is None:
            self._elsewhere[str(topic)] = offset  # of a version with other inputs, for when it comes back
        else:
            self.processed[index] = offset

    def _decide_input(self, item: Offered) -> None:
        source = self.sources[item.source]
        try:
            message = source.codec.decode(item.value)
        except UnreadableMessage as unreadable:
            self._bury(item, unreadable.reason)
            return
        refused = source.refuse(message) if source.refuse is not None else ""
        if refused:
            self._bury(item, refused)
            return
        name = source.key(message) if source.key is not None else None
        key = name.encode() if name is not None else None
        if key is not None and partition_of(key, TOPICS[source.topic].partitions) != self.number:
            self._send_home(item, key)
            return
        position = (item.source, item.offset)
        failing = self.failing.get(position)
        if failing is not None and failing.hopeless:
            self._bury(item, f"its step raised, and so did failing it: {failing.trace}")
            return
        step = self._step(Logged(message, item.at) if source.logged else message, position, failing)
        # An input without effect leaves no record, because deciding it again has no effect either.
        if step.events or step.outbox or step.timers:
            self._record(position, item.offset, step, failing)
        else:
            self.processed[item.source] = item.offset

    def _decide_timer(self, name: str, due: Millis) -> None:
        position: Position = (TIMER, (name, due))
        failing = self.failing.get(position)
        if failing is not None and failing.hopeless:
            # Nobody else would set it again, so what waits for it would wait for ever.
            step = Step(timers=[Timer(name, self.at + _HOPELESS_AGAIN_MS)])
        else:
            step = self._step(TimerDue(name, due), position, failing)
        self._record(position, due, step, failing)

    def _step(self, message: Input, position: Position, failing: Failing | None) -> Step:
        try:
            if failing is not None:
                return self.machine.fail(message, self.at, failing.trace)
            return self.machine.step(message, self.at)
        except Exception as error:  # a bug in a transition: the input is failed after a rebuild
            trace = Failing(traceback.format_exc(), hopeless=failing is not None)
            raise StepRaised(position, trace) from error

    def _record(self, position: Position, offset: int, step: Step, failing: Failing | None) -> None:
        source, place = position
        timers: list[tuple[str, int | None]] = [(timer.name, timer.due) for timer in step.timers]
        if isinstance(place, tuple):
            timers.insert(0, (place[0], None))
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
        topic = self.sources[source].topic if source >= 0 else ""
        record = JournalRecord(
            self.epoch,
            self.seq + 1,
            source,
            offset,
            self.at,
            self.outgoing.mark,
            events,
            outbox,
            timers,
            topic,
        )
        value = encode_record(record)
        if len(value) > _MOST_BYTES:
            raise _Unstorable(
                f"this step needs a record of {len(value):,} bytes, but the limit is {_MOST_BYTES:,}"
            )
        if any(is_deeper(part) for part in (*events, *(owed.value for owed in outbox))):
            raise _Unstorable(f"a value is nested deeper than {MOST_LEVELS} levels")
        self._apply(record)
        if source >= 0:
            self.processed[source] = offset
        self._in_flight.append((record, value, messages))
        self._in_flight_bytes += len(value)

    def _bury(self, item: Offered, reason: str) -> None:
        topic = self.sources[item.source].topic
        value = dead_letter(topic, self.number, item.offset, reason, item.key, item.value or b"")
        self._keep(item.source, item.offset, [], [Owed("dead", topic.encode(), -1, value)], [], [])
        self.buried += 1
        self.buried_reason = reason[:500]
        self.buried_own += not self.is_foreign((item.source, item.offset))

    def _bury_timer(self, name: str, due: Millis, reason: str) -> None:
        value = dead_letter(f"{self.name}.timers", self.number, due, reason, name.encode(), b"")
        owed = [Owed("dead", self.name.encode(), -1, value)]
        self._keep(TIMER, due, [], owed, [(name, None)], [])
        self.buried += 1
        self.buried_reason = reason

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
        self.at = record.at
        for name, due in record.timers:
            self._timers.set(name, due)


def _suspect(record: JournalRecord) -> Suspect:
    """Return the input that a decision or an announcement is about."""
    is_timer = not record.topic and record.timers
    return ("", record.timers[0][0]) if is_timer else (record.topic, record.offset)


def _owed(step: Step) -> list[Owed]:
    outbox = []
    for out in step.outbox:
        partition = -1 if out.partition is None else out.partition
        if partition >= TOPICS[out.topic].partitions:
            raise _Unstorable(f"topic {out.topic} has no partition {partition}")
        value = b"" if isinstance(out.message, Tombstone) else codec.encode(out.message)
        outbox.append(Owed(out.topic, out.key.encode(), partition, value))
    return outbox
