"""A world of triggers that are polled: the real machines of triggers and dispatch, workers that die, and sources that give each
item away once.

A source takes its items away before the worker that polled reports them. So it keeps a note, as the kit's ``watch`` does, until it
hears that its event was accepted. A stream, which is subscribed to, keeps each message until it hears that it was accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from contracts import codec
from contracts.codec import Codec
from contracts.execution import (
    AdmittedMessage,
    AttemptEnded,
    AttemptReport,
    AttemptStarted,
    CheckExecution,
    StartExecution,
)
from contracts.polling import FoundEvent
from contracts.scalars import trigger_key
from contracts.trigger import (
    DefineTrigger,
    SetTriggerDisabled,
    TriggerCommand,
    TriggerEvaluated,
    TriggerEvaluating,
    UnlockTrigger,
)
from contracts.work import AskAnnouncement, DispatchCommand, RunAttempt, StopAttempt, WorkerEvent
from services.executor.dispatch.machine import DispatchMachine
from services.trigger_listener.core.event import JOURNAL
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.polling import PollSettings
from tests.simulation.memory import MemoryLog
from tests.simulation.owner import Kind, Owner
from tests.simulation.requirement import require
from tests.simulation.worker import Running, SimWorker
from tests.simulation.world import CALM, PARTITIONS, START_AT, World
from toccata.runtime.processor.input import Source
from toccata.runtime.processor.journal import EPOCH, MARK, decode_record

TYPE, STREAM = "sim.Shelf", "sim.Stream"
TRIGGERS = {"alone": TYPE, "beside": TYPE, "quick": TYPE, "stream": STREAM}
_MOST_MESSAGES = 3
TIMEOUT_MS = 20_000
MOST_ITEMS = 40
SETTLE_ROUNDS = 1_500
_ADMITTED: Codec[AdmittedMessage] = Codec(AdmittedMessage)


def polled(trigger_type: str) -> bool:
    return trigger_type in (TYPE, STREAM)


def subscribed(trigger_type: str) -> bool:
    return trigger_type == STREAM


SETTINGS = PollSettings(polled, "default", TIMEOUT_MS, subscribed)


def poll_kinds(machine: Callable[[int], Any] | None = None) -> list[Kind]:
    return [
        Kind(
            "triggers",
            [
                Source("triggers.commands", Codec(TriggerCommand)),
                Source("triggers.reports", Codec(AttemptReport)),
            ],
            machine or (lambda _: TriggerMachine(polls=SETTINGS)),
        ),
        Kind(
            "dispatch",
            [
                Source("workers.events", Codec(WorkerEvent)),
                Source("dispatch.commands", Codec(DispatchCommand)),
            ],
            lambda _: DispatchMachine(),
        ),
    ]


@dataclass(slots=True)
class Shelf:
    """A source. ``note`` is what its last poll took, with the id of that poll."""

    made: int = 0
    there: list[int] = field(default_factory=list)
    note: tuple[str, list[int]] | None = None

    def put(self) -> None:
        self.there.append(self.made)
        self.made += 1

    def poll(self, evaluation_id: str, accepted: list[str]) -> list[FoundEvent]:
        if self.note is None or self.note[0] in accepted:
            self.note = (evaluation_id, self.there) if self.there else None
            self.there = []
        if self.note is None:
            return []
        return [FoundEvent(self.note[0], {"items": self.note[1]})]


class Stream(Shelf):
    """Each item is an event."""

    def poll(self, evaluation_id: str, accepted: list[str]) -> list[FoundEvent]:
        self.there = [item for item in self.there if str(item) not in accepted]
        return [FoundEvent(str(item), {"items": [item]}) for item in self.there[:_MOST_MESSAGES]]


class PollWorker(SimWorker):
    """A worker whose attempts are polls."""

    shelves: dict[str, Shelf]
    answers: dict[str, Any]

    def take(self, message: RunAttempt | StopAttempt | AskAnnouncement, now: int) -> None:
        if isinstance(message, RunAttempt):
            self.answers[message.task_run_id] = message.reply_to
        super().take(message, now)

    def report(self, found: Running, outcome: str, now: int, duplicate: float) -> None:
        attempt = found.attempt
        assert attempt.poll is not None
        events: list[FoundEvent] = []
        if outcome != "cancelled" and attempt.reply_to is not None:
            # What a poll that then fails has taken is in the note.
            events = self.shelves[attempt.reply_to.key].poll(attempt.task_run_id, attempt.poll.accepted)
        if self.random.random() < 0.05:
            return  # it dies before it has reported; dispatch finds that the attempt is gone
        self.send(found, duplicate, now, outcome=outcome, found=events if outcome == "succeeded" else [])

    def tell_executor(self, message: AttemptStarted | AttemptEnded) -> None:
        to = self.answers[message.task_run_id]
        self.log.append(to.topic, to.key.encode(), codec.encode(message))


@dataclass
class PollWorld(World):
    stream: Callable[[], Shelf] = Stream

    def __post_init__(self) -> None:
        self.kinds = self.kinds or poll_kinds()
        self.random = Random(self.seed)
        self.log = MemoryLog(PARTITIONS)
        self.now = self.log.now = START_AT
        self.late = []
        self.owners = [self.new_owner(kind, number) for kind in self.kinds for number in range(PARTITIONS)]
        self.zombies: list[Owner] = []
        self.workers = []
        self.all_workers = []
        self.shelves: dict[str, Shelf] = {
            self.key(each): self.stream() if subscribed(kind) else Shelf() for each, kind in TRIGGERS.items()
        }
        self.revisions: dict[str, int] = defaultdict(int)
        self.starts: dict[str, StartExecution] = {}
        self.running: dict[str, int] = {}
        """Executions that are open, and when they end."""
        self.out: dict[str, str] = {}
        """By trigger: the evaluation that is out, as the journal has it."""
        self._read: dict[tuple[str, int], int] = defaultdict(int)
        self._epochs: dict[int, int] = defaultdict(int)
        for _ in range(2):
            self.new_worker("default")
        for trigger_id in TRIGGERS:
            self.define(trigger_id)

    def new_worker(self, group: str) -> None:
        number = len(self.all_workers)
        slots = self.random.randint(1, 3)
        worker = PollWorker(f"worker-{number}", number % 64, slots, 0, self.log, self.random, group)
        worker.shelves, worker.answers = self.shelves, {}
        worker.start(self.now)
        self.workers.append(worker)
        self.all_workers.append(worker)

    def define(self, trigger_id: str) -> None:
        self.revisions[trigger_id] += 1
        definition = {
            "interval": "PT1S" if trigger_id == "quick" else "PT5S",
            "allowConcurrent": trigger_id == "beside",
        }
        self.tell(
            DefineTrigger(
                namespace="sim",
                flow_id="f",
                revision=self.revisions[trigger_id],
                trigger_id=trigger_id,
                trigger_type=TRIGGERS[trigger_id],
                definition=definition,
                at=self.now,
            )
        )

    def tell(self, command: DefineTrigger | UnlockTrigger | SetTriggerDisabled) -> None:
        key = trigger_key(command.namespace, command.flow_id, command.trigger_id)
        for _ in range(2 if self.random.random() < self.faults.duplicate else 1):
            self.log.append("triggers.commands", key.encode(), codec.encode(command))

    def key(self, trigger_id: str) -> str:
        return trigger_key("sim", "f", trigger_id)

    def step(self) -> None:
        draw, trigger_id = self.random.random, self.random.choice(list(TRIGGERS))
        shelf = self.shelves[self.key(trigger_id)]
        if shelf.made < MOST_ITEMS and draw() < 0.05:
            shelf.put()
        if draw() < 0.004:
            self.define(trigger_id)
        if draw() < 0.002:
            self.person(trigger_id)
        self.now += self.random.choice((0, 0, 1, 5, 20, 200, 1_000))
        if draw() < self.faults.clock_jump:
            self.now += self.random.choice((-60_000, 30_000))
        self.log.now = self.now
        self.disturb()
        actors: list[Owner | SimWorker] = [*self.owners, *self.zombies, *self.workers]
        actor = self.random.choice(actors)
        if isinstance(actor, SimWorker):
            actor.step(self.now, self.faults.duplicate)
        else:
            actor.step(self.now, self.faults)
        self.execute()
        self.check()

    def person(self, trigger_id: str) -> None:
        """Somebody unlocks a trigger, or switches it off or on."""
        names: Any = {"namespace": "sim", "flow_id": "f", "trigger_id": trigger_id, "at": self.now}
        if self.random.random() < 0.3:
            self.tell(UnlockTrigger(**names))
        else:
            self.tell(SetTriggerDisabled(**names, disabled=self.random.random() < 0.5))

    def execute(self) -> None:
        """Play the executor: each id is one execution, whose end unlocks its trigger."""
        for number in range(self.log.partitions("executions.admitted")):
            at = ("executions.admitted", number)
            for entry in self.log.read(*at, self._read[at]):
                self._read[at] = entry.offset + 1
                message = _ADMITTED.decode(entry.value)
                if isinstance(message, StartExecution):
                    self.begin(message)
                elif isinstance(message, CheckExecution) and message.execution_id not in self.running:
                    self.unlock(message.execution_id)
        for execution_id in [each for each, end in self.running.items() if end <= self.now]:
            del self.running[execution_id]
            self.unlock(execution_id)

    def begin(self, start: StartExecution) -> None:
        known = self.starts.setdefault(start.execution_id, start)
        assert known.trigger is not None
        assert start.trigger is not None
        require(known.trigger == start.trigger, f"{start.execution_id} starts with other items")
        if known is start:
            self.running[start.execution_id] = self.now + self.random.choice((0, 500, 5_000, 30_000))

    def unlock(self, execution_id: str) -> None:
        start = self.starts[execution_id]
        if start.trigger_key is not None and start.trigger is not None:
            names: Any = {"namespace": "sim", "flow_id": "f", "trigger_id": start.trigger.id}
            self.tell(UnlockTrigger(**names, at=self.now, execution_id=execution_id, state="SUCCESS"))

    def check(self) -> None:
        """There is one poll of a trigger at a time, and what begins on a worker has a record."""
        for number in range(self.log.partitions("triggers.journal")):
            at = ("triggers.journal", number)
            for entry in self.log.read(*at, self._read[at]):
                self._read[at] = entry.offset + 1
                record = decode_record(entry.value)
                if record.epoch < self._epochs[number]:
                    continue
                self._epochs[number] = record.epoch
                if record.source in {EPOCH, MARK}:
                    continue
                for raw in record.events:
                    self.follow(JOURNAL.decode(raw))

    def follow(self, event: object) -> None:
        if isinstance(event, TriggerEvaluating):
            key = self.key(event.trigger_id)
            require(key not in self.out, f"{key} is polled while a poll is out")
            self.out[key] = event.evaluation_id
        elif isinstance(event, TriggerEvaluated):
            key = self.key(event.trigger_id)
            require(self.out.pop(key, "") == event.evaluation_id, f"{key}: a poll ends that is not out")

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()
        self.faults, self.zombies, self.late = CALM, [], []
        for worker in self.workers:
            worker.frozen_until = 0
        for trigger_id in TRIGGERS:
            names: Any = {"namespace": "sim", "flow_id": "f", "trigger_id": trigger_id, "at": self.now}
            self.tell(SetTriggerDisabled(**names, disabled=False))
        for _ in range(SETTLE_ROUNDS):
            if self.settled():
                break
            self.calm_round()
        self.check_settled()

    def calm_round(self) -> None:
        self.now += 1_000
        self.log.now = self.now
        for actor in self.owners:
            for _ in range(4):
                actor.step(self.now, CALM)
        for worker in self.workers:
            worker.step(self.now, 0.0)
        self.replace_gone()
        self.execute()
        self.check()

    def items(self) -> dict[str, list[int]]:
        """Return what executions were started with, by trigger."""
        found: dict[str, list[int]] = defaultdict(list)
        for start in self.starts.values():
            assert start.trigger is not None
            found[self.key(start.trigger.id)] += start.trigger.variables["items"]
        return found

    def settled(self) -> bool:
        found = self.items()
        return all(len(found[key]) >= shelf.made for key, shelf in self.shelves.items()) and not self.running

    def check_settled(self) -> None:
        found = self.items()
        for key, shelf in self.shelves.items():
            require(sorted(found[key]) == list(range(shelf.made)), f"{key}: {shelf.made} items, {found[key]}")
