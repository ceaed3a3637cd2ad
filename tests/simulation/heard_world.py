"""A world of Flow triggers: the real machine of triggers, and an executor that tells of executions, now and then twice and late.

All that concerns one trigger is on one partition. So its log says what must be started, and ``Reference`` reads it off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from contracts import codec
from contracts.codec import Codec
from contracts.execution import AdmittedMessage, AttemptReport, StartExecution
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import derive_id, trigger_key
from contracts.states import State
from contracts.trigger import (
    DefineTrigger,
    ExecutionMoved,
    MovedExecution,
    SetTriggerDisabled,
    TriggerCommand,
)
from services.trigger_listener.core.machine import TriggerMachine
from tests.simulation.memory import MemoryLog
from tests.simulation.owner import Kind, Owner
from tests.simulation.requirement import require
from tests.simulation.world import CALM, PARTITIONS, START_AT, STORMY, World
from toccata.runtime.processor.input import Source

UPSTREAM = ("a", "b", "c")
WAITS_FOR = {"each": (), "both": ("a", "b"), "all": ("a", "b", "c")}
"""By trigger: the flows of its preconditions."""
MOST_MOVES = 150
SETTLE_ROUNDS = 400
_WITHOUT_WORKERS = replace(
    STORMY, worker_death=0, worker_freeze=0, worker_restart=0, worker_drain=0, worker_gap=0, outage=0
)
_COMMANDS: Codec[TriggerCommand] = Codec(TriggerCommand)
_ADMITTED: Codec[AdmittedMessage] = Codec(AdmittedMessage)


def heard_kinds(machine: Callable[[int], Any] | None = None) -> list[Kind]:
    sources = [
        Source("triggers.commands", Codec(TriggerCommand)),
        Source("triggers.reports", Codec(AttemptReport)),
    ]
    return [Kind("triggers", sources, machine or (lambda _: TriggerMachine()))]


@dataclass
class Reference:
    """What the log of one trigger means."""

    waits_for: tuple[str, ...]
    revision: int = 0
    disabled: bool = False
    early: list[ExecutionMoved] = field(default_factory=list)
    noted: dict[str, int] = field(default_factory=dict)
    met: dict[str, str] = field(default_factory=dict)
    """By flow: the execution that counts."""
    expected: dict[str, list[str]] = field(default_factory=dict)
    """By id of the execution that starts: the executions that are behind it."""

    def read(self, message: TriggerCommand) -> None:
        if isinstance(message, DefineTrigger):
            self.revision = max(self.revision, message.revision)
            kept, self.early = self.early, []
            for each in kept:
                self.read(each)
        elif isinstance(message, SetTriggerDisabled):
            self.disabled = message.disabled if self.revision else self.disabled
        elif isinstance(message, ExecutionMoved) and message.revision > self.revision:
            self.early.append(message)
        elif isinstance(message, ExecutionMoved) and not self.disabled:
            self.hear(message)

    def hear(self, message: ExecutionMoved) -> None:
        moved = message.moved
        if self.noted.get(moved.id, 0) >= moved.seq or (
            self.waits_for and moved.flow_id not in self.waits_for
        ):
            return
        self.noted[moved.id] = moved.seq
        self.met.pop(moved.flow_id, None)
        self.met[moved.flow_id] = moved.id
        if not self.waits_for:
            self.met = {moved.flow_id: moved.id}
        elif set(self.met) < set(self.waits_for):
            return
        key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
        started = derive_id("flow", key, moved.id, str(moved.seq))
        others = [each for flow_id, each in self.met.items() if flow_id != moved.flow_id]
        self.expected[started] = sorted([*others, moved.id])
        self.met = {}


@dataclass
class HeardWorld(World):
    def __post_init__(self) -> None:
        self.kinds = self.kinds or heard_kinds()
        self.faults = _WITHOUT_WORKERS
        self.random = Random(self.seed)
        self.log = MemoryLog(PARTITIONS)
        self.now = self.log.now = START_AT
        self.late = []
        self.owners = [self.new_owner(kind, number) for kind in self.kinds for number in range(PARTITIONS)]
        self.zombies: list[Owner] = []
        self.workers = []
        self.all_workers = []
        self.revisions: dict[str, int] = defaultdict(int)
        """What the executor knows. The registry tells the trigger a little later."""
        self.undefined: list[DefineTrigger] = []
        self.moves = 0
        self.sent: list[ExecutionMoved] = []
        self.starts: dict[str, StartExecution] = {}
        self._read: dict[tuple[str, int], int] = defaultdict(int)
        for trigger_id in WAITS_FOR:
            self.save(trigger_id)

    def save(self, trigger_id: str) -> None:
        """Save the flow of a trigger. Its definition is on its way."""
        self.revisions[trigger_id] += 1
        flows = [
            {"namespace": "sim", "flowId": each, "states": ["SUCCESS"]} for each in WAITS_FOR[trigger_id]
        ]
        self.random.shuffle(flows)
        window = {"window": "P300D"}
        definition = {"preconditions": {"id": "p", "flows": flows, "timeWindow": window}} if flows else {}
        names: Any = {"namespace": "sim", "flow_id": "listener", "trigger_id": trigger_id}
        self.undefined.append(
            DefineTrigger(
                **names,
                revision=self.revisions[trigger_id],
                trigger_type=FLOW.name,
                definition=definition,
                at=self.now,
            )
        )

    def tell(self, command: TriggerCommand) -> None:
        key = trigger_key(command.namespace, command.flow_id, command.trigger_id)
        for _ in range(2 if self.random.random() < self.faults.duplicate else 1):
            self.log.append("triggers.commands", key.encode(), codec.encode(command))

    def move(self) -> None:
        """An execution ends, and each trigger is told."""
        self.moves += 1
        moved = MovedExecution(
            id=f"e{self.moves}",
            seq=self.random.randint(2, 9),
            namespace="sim",
            flow_id=self.random.choice(UPSTREAM),
            revision=1,
            state=State.SUCCESS,
            started_at=self.now,
            ended_at=self.now,
            outputs={"n": self.moves},
        )
        for trigger_id, revision in self.revisions.items():
            names: Any = {"namespace": "sim", "flow_id": "listener", "trigger_id": trigger_id}
            message = ExecutionMoved(**names, revision=revision, at=self.now, moved=moved)
            self.sent.append(message)
            self.tell(message)

    def step(self) -> None:
        draw = self.random.random
        if self.moves < MOST_MOVES and draw() < 0.1:
            self.move()
        if self.undefined and draw() < 0.1:
            self.tell(self.undefined.pop(0))
        if self.sent and draw() < self.faults.duplicate:
            self.tell(
                self.random.choice(self.sent[-20:])
            )  # an executor recovers, and sends again what it owes
        if draw() < 0.005:
            self.save(self.random.choice(list(WAITS_FOR)))
        if draw() < 0.004:
            self.switch(self.random.choice(list(WAITS_FOR)), disabled=draw() < 0.5)
        self.now += self.random.choice((0, 0, 1, 5, 20, 200))
        self.log.now = self.now
        self.disturb()
        self.random.choice([*self.owners, *self.zombies]).step(self.now, self.faults)
        self.admit()

    def switch(self, trigger_id: str, *, disabled: bool) -> None:
        names: Any = {"namespace": "sim", "flow_id": "listener", "trigger_id": trigger_id}
        self.tell(SetTriggerDisabled(**names, disabled=disabled, at=self.now))

    def admit(self) -> None:
        """Play the executor of the starts: each id is one execution."""
        for number in range(self.log.partitions("executions.admitted")):
            at = ("executions.admitted", number)
            for entry in self.log.read(*at, self._read[at]):
                self._read[at] = entry.offset + 1
                start = _ADMITTED.decode(entry.value)
                assert isinstance(start, StartExecution)
                known = self.starts.setdefault(start.execution_id, start)
                require(known.trigger == start.trigger, f"{start.execution_id} starts with something else")

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()
        self.faults, self.zombies, self.late = CALM, [], []
        while self.undefined:
            self.tell(self.undefined.pop(0))
        for _ in range(SETTLE_ROUNDS):
            self.now += 100
            self.log.now = self.now
            for owner in self.owners:
                owner.step(self.now, CALM)
            self.admit()
        self.check_settled()

    def expected(self) -> dict[str, list[str]]:
        """Return by execution what is behind it, as the log of each trigger has it."""
        references = {each: Reference(flows) for each, flows in WAITS_FOR.items()}
        for number in range(self.log.partitions("triggers.commands")):
            for entry in self.log.read("triggers.commands", number, 0):
                message = _COMMANDS.decode(entry.value)
                references[message.trigger_id].read(message)
        return {name: each for found in references.values() for name, each in found.expected.items()}

    def check_settled(self) -> None:
        expected = self.expected()
        for name, behind in expected.items():
            start = self.starts.get(name)
            require(start is not None, f"nothing was started by {behind}")
            assert start is not None
            assert start.trigger is not None
            variables = start.trigger.variables
            executions = variables.get("executions", [{"executionId": variables["executionId"]}])
            found = sorted(each["executionId"] for each in executions)
            require(found == behind, f"{name} was started by {found}, not by {behind}")
        require(
            self.starts.keys() == expected.keys(), f"started too much: {self.starts.keys() - expected.keys()}"
        )
