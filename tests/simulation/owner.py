"""One live owner of one partition: the host's order of reading, appending and sending, in single steps.

Between any two steps it may die, freeze, or find that another owner has begun. The world draws ``Faults``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from contracts.machine import Machine
from tests.simulation.memory import MemoryLog
from toccata.runtime.errors import Damaged, Fenced
from toccata.runtime.processor.input import Failing, Offered, Position, Source
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.restore import CELLS, is_manifest, restore
from toccata.runtime.processor.snapshot import Saved, Store

TRIES = 3
"""A live owner may cut the journal while another one recovers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A processor as the simulator knows it."""

    name: str
    sources: Sequence[Source]
    machine: Callable[[int], Machine[Any]]
    """Makes a fresh machine for a partition."""
    partition: Callable[..., Partition] = Partition
    owner: Callable[..., Owner] | None = None
    may_raise: bool = False
    """Steps of its machine may raise, as if they had bugs."""
    write_version: int = CELLS


@dataclass(slots=True)
class Faults:
    """Probabilities for one step each. If all are zero the world is calm."""

    crash: float = 0.0
    zombie: float = 0.0
    unknown_append: float = 0.0
    torn_send: float = 0.0
    torn_snapshot: float = 0.0
    lost_release: float = 0.0
    """Of a message that frees a slot."""
    duplicate: float = 0.0
    worker_death: float = 0.0
    worker_freeze: float = 0.0
    worker_restart: float = 0.0
    """Under its old name, without what it ran."""
    worker_drain: float = 0.0
    worker_gap: float = 0.0
    """It misses records of its inbox."""
    clock_jump: float = 0.0
    outage: float = 0.0
    """Of everything, for longer than repeated starts are recognised."""


@dataclass(slots=True)
class Late:
    """An append whose sender gave up. It lands at some later time."""

    topic: str
    partition: int
    values: list[bytes] = field(default_factory=list)


class Owner:
    def __init__(self, kind: Kind, number: int, log: MemoryLog, random: Random, late: list[Late]) -> None:
        self.kind, self.number, self.log, self.random, self.late = kind, number, log, random, late
        self.partition: Partition | None = None
        self.failing: dict[Position, Failing] = {}
        self.held: list[bytes] | None = None
        self.positions: list[int] = []
        self.store: Store | None = None
        self.saved: Saved | None = None
        self.needless: list[bytes] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """What others do between our reading and our epoch record."""
        self.saving: tuple[Saved, deque[tuple[bytes, bytes] | None]] | None = None
        """The snapshot that is being written, with what is left of it."""

    def step(self, now: int, faults: Faults) -> None:
        """Do what the host would do next."""
        if self.partition is None:
            self.recover()
        elif self.held is None:
            self.decide(now)
        else:
            self.append(faults)
        if self.partition is not None and self.saving is not None:
            self.write_snapshot()
        elif self.partition is not None and self.held is None:
            if self.random.random() < 0.05:
                self.begin_snapshot(faults)
            elif self.partition.owed and self.random.random() < 0.8:
                self.send(faults)

    def recover(self) -> None:
        left = TRIES
        while True:
            partition, seen = self.read_snapshot()
            try:
                self.begin_epoch(partition)
            except Damaged:
                left -= 1
                if not left:
                    raise
            else:
                if self.manifests() == seen:
                    break
        self.partition, self.held = partition, None
        self.positions = [partition.processed.get(index, -1) + 1 for index in range(len(self.kind.sources))]

    def begin_epoch(self, partition: Partition) -> None:
        journal = f"{self.kind.name}.journal"
        while True:
            begin, end = self.log.begin(journal, self.number), self.log.end(journal, self.number)
            for entry in self.log.read(journal, self.number, partition.survey(begin, end)):
                partition.replay(entry.offset, entry.value)
            _, record = partition.begin(self.random.getrandbits(60))
            self.let_others_write()
            try:
                partition.began(self.log.append(journal, None, record, self.number))
            except Fenced:
                continue
            return

    def read_snapshot(self) -> tuple[Partition, dict[bytes, bytes | None]]:
        """Return a partition as the newest snapshot has it, and the manifests there were."""
        partition = self.kind.partition(
            self.kind.name, self.number, self.kind.machine(self.number), self.kind.sources, self.failing
        )
        self.load_snapshot(partition)
        return partition, self.manifests()

    def manifests(self) -> dict[bytes, bytes | None]:
        entries = self.log.read(f"{self.kind.name}.snapshots", self.number, 0)
        return {
            entry.key: entry.value for entry in entries if entry.key is not None and is_manifest(entry.key)
        }

    def let_others_write(self) -> None:
        """Between our reading and our epoch record, a batch of the previous owner may land, and it may go on with a snapshot."""
        journal = f"{self.kind.name}.journal"
        found = [late for late in self.late if (late.topic, late.partition) == (journal, self.number)]
        if found and self.random.random() < 0.5:
            self.late.remove(found[0])
            self.log.append_batch(journal, self.number, found[0].values)
        self.meanwhile()

    def decide(self, now: int) -> None:
        assert self.partition is not None
        offered: list[Offered] = []
        for index, source in enumerate(self.kind.sources):
            most = self.random.randint(0, 5)
            for entry in self.log.read(source.topic, self.number, self.positions[index], most):
                offered.append(Offered(index, entry.offset, entry.key, entry.value, entry.at))
                self.positions[index] = entry.offset + 1
        values = self.partition.decide(offered, now)
        if self.partition.raised is not None and not self.kind.may_raise:
            raise AssertionError(f"a transition raised: {self.partition.raised.trace}")
        self.held = values or None
        if self.held is None:
            self.partition.committed(self.partition.next_offset)
            self.rebuild_if_raised()

    def rebuild_if_raised(self) -> None:
        """Begin anew, with the input that raised marked, as the host does."""
        if self.partition is not None and self.partition.raised is not None:
            raised = self.partition.raised
            self.failing[raised.input] = raised.failing
            self.partition = None

    def append(self, faults: Faults) -> None:
        assert self.partition is not None
        assert self.held is not None
        topic = f"{self.kind.name}.journal"
        values, self.held = self.held, None
        if self.random.random() < faults.unknown_append:
            match self.random.randint(0, 2):
                case 0:
                    self.log.append_batch(topic, self.number, values)
                case 1:
                    self.late.append(Late(topic, self.number, values))
            self.partition = None
            return
        try:
            self.partition.committed(self.log.append_batch(topic, self.number, values))
        except Fenced:
            self.partition = None
        self.rebuild_if_raised()

    def send(self, faults: Faults) -> None:
        assert self.partition is not None
        through, sendables = self.partition.unsent(self.random.randint(1, 50))
        if sendables and self.random.random() < faults.torn_send:
            sendables = sendables[: self.random.randrange(len(sendables))]
            through = -1
        for item in sendables:
            if b'"slot.release.v1"' in item.value and self.random.random() < faults.lost_release:
                continue
            self.log.append(item.topic, item.key, item.value, item.partition)
        if through >= 0:
            self.partition.sent(through)

    def begin_snapshot(self, faults: Faults) -> None:
        """Dump what changed. It is written over some of the next steps, while decisions go on."""
        assert self.partition is not None
        assert self.store is not None
        if not self.may_save():
            self.partition = None
            return
        if self.random.random() < 0.8:  # else this is not acknowledged
            for key in self.needless:
                self.log.append(f"{self.kind.name}.snapshots", key, None, self.number)
            self.store.removed()
        draft = self.store.begin(self.partition)
        records: list[tuple[bytes, bytes] | None] = [*draft.records, draft.last]
        if self.random.random() < faults.torn_snapshot:
            records[self.random.randrange(len(records))] = None
        self.saving = draft.saved, deque(records)

    def write_snapshot(self) -> None:
        """Write some records. Where there is none, the broker refuses it, and the snapshot is given up."""
        assert self.saving is not None
        saved, records = self.saving
        for _ in range(self.random.randint(1, 20)):
            record = records.popleft()
            if record is None:
                self.saving = None
                return
            self.log.append(f"{self.kind.name}.snapshots", *record, self.number)
            if not records:
                self.complete_snapshot(saved)
                return

    def complete_snapshot(self, saved: Saved) -> None:
        assert self.store is not None
        self.saving = None
        self.needless = self.store.complete()
        before, self.saved = self.saved, saved
        if before is not None:
            self.truncate(before)

    def may_save(self) -> bool:
        """Return whether nobody else wrote to the journal. Only its owner begins a snapshot."""
        assert self.partition is not None
        return self.log.end(f"{self.kind.name}.journal", self.number) == self.partition.next_offset

    def truncate(self, before: Saved) -> None:
        """Cut the journal below the snapshot before the last one."""
        self.log.truncate(f"{self.kind.name}.journal", self.number, before.offset)

    def load_snapshot(self, partition: Partition) -> None:
        topic = f"{self.kind.name}.snapshots"
        self.log.compact(topic, self.number)
        latest: dict[bytes, bytes] = {}
        for entry in self.log.read(topic, self.number, 0):
            assert entry.key is not None
            latest.pop(entry.key, None)
            if entry.value is not None:
                latest[entry.key] = entry.value
        self.saving, self.needless = None, []
        self.saved, self.store = restore(partition, latest, self.kind.write_version)
