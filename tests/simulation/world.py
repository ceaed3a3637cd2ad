"""One world: a log, a clock, a seeded source of randomness, owners, workers and users. It runs in single random steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from contracts import codec
from contracts.codec import Codec
from contracts.execution import (
    AdmittedMessage,
    AttemptReport,
    EarlierCommand,
    KillExecution,
    PauseExecution,
    ResumeExecution,
    ResumeFromBreakpoint,
    StartExecution,
)
from contracts.lease import LeaseNews
from contracts.limit import LimitCommand
from contracts.scalars import derive_id
from contracts.states import State
from contracts.work import DispatchCommand, WorkerEvent
from services.executor.dispatch.machine import DispatchMachine
from services.executor.executions.machine import ExecutionMachine
from services.executor.limits.machine import LimitMachine
from tests.simulation.flows import SOURCES, FixedFlows
from tests.simulation.invariants import Watch
from tests.simulation.memory import MemoryLog
from tests.simulation.owner import Faults, Kind, Late, Owner
from tests.simulation.worker import GROUPS, SimWorker
from toccata.runtime.processor.input import Source

PARTITIONS = 2
START_AT = 1_750_000_000_000
STORMY = Faults(
    crash=0.01,
    zombie=0.01,
    unknown_append=0.02,
    torn_send=0.05,
    torn_snapshot=0.2,
    duplicate=0.05,
    worker_death=0.003,
    worker_freeze=0.003,
    worker_restart=0.002,
    worker_drain=0.002,
    worker_gap=0.002,
    clock_jump=0.002,
    outage=0.0005,
)
CALM = Faults()
MAX_EXECUTIONS = 30
STILL_ROUNDS = 900
"""No execution has moved for so many rounds of 900 ms: longer than any delay that a core sets, so none will."""
OUTAGE_MS = 30 * 3_600_000


def all_light(_: str) -> bool:
    """Every task takes a place under a lease, as long as there is one. So many attempts go either way."""
    return True


def real_kinds(*, in_place: bool = False, leases: bool = True) -> list[Kind]:
    flows = FixedFlows()
    return [
        Kind(
            "executions",
            [
                Source("executions.commands", Codec(EarlierCommand)),
                Source("executions.starts", Codec(StartExecution), logged=True),
                Source("executions.admitted", Codec(AdmittedMessage), logged=True),
                Source("executions.reports", Codec(AttemptReport | LeaseNews)),
            ],
            lambda number: ExecutionMachine(
                flows, in_place=in_place, borrower=number if leases else None, is_light=all_light
            ),
        ),
        Kind(
            "dispatch",
            [
                Source("workers.events", Codec(WorkerEvent)),
                Source("dispatch.commands", Codec(DispatchCommand)),
            ],
            lambda _: DispatchMachine(),
        ),
        Kind("limits", [Source("limits.commands", Codec(LimitCommand))], lambda _: LimitMachine()),
    ]


BREAKPOINTS = ("a", "b", "t", "z", "p", "each", "after")
"""Names of tasks in many of the flows."""


@dataclass
class World:
    seed: int
    kinds: list[Kind] = field(default_factory=list)
    """None are given: the real ones. In every other world, pure tasks are decided in place; in one of five, there are no leases."""
    faults: Faults = field(default_factory=lambda: STORMY)
    flow_ids: tuple[str, ...] = tuple(sorted(SOURCES))

    def __post_init__(self) -> None:
        self.kinds = self.kinds or real_kinds(in_place=self.seed % 2 == 1, leases=self.seed % 5 > 0)
        self.random = Random(self.seed)
        self.dice = Random(f"breakpoints {self.seed}")
        self.log = MemoryLog(PARTITIONS)
        self.now = self.log.now = START_AT
        self.late: list[Late] = []
        self.owners = [self.new_owner(kind, number) for kind in self.kinds for number in range(PARTITIONS)]
        self.zombies: list[Owner] = []
        self.workers: list[SimWorker] = []
        self.all_workers: list[SimWorker] = []
        self.started: list[str] = []
        self.watch = Watch(self)
        for group in GROUPS:
            self.new_worker(group)

    def new_owner(self, kind: Kind, number: int) -> Owner:
        owner = (kind.owner or Owner)(kind, number, self.log, self.random, self.late)
        owner.meanwhile = lambda: self.let_zombies_save(kind, number)
        return owner

    def let_zombies_save(self, kind: Kind, number: int) -> None:
        for zombie in self.zombies:
            same = zombie.kind is kind and zombie.number == number
            if (
                same
                and zombie.partition is not None
                and zombie.saving is not None
                and self.random.random() < 0.7
            ):
                zombie.write_snapshot()

    def new_worker(self, group: str) -> None:
        worker = SimWorker(
            f"worker-{len(self.all_workers)}",
            len(self.all_workers) % 64,
            self.random.randint(1, 4),
            self.random.randint(0, 4),
            self.log,
            self.random,
            group,
        )
        worker.start(self.now)
        self.workers.append(worker)
        self.all_workers.append(worker)

    def start_something(self) -> None:
        execution_id = derive_id("sim", str(self.seed), str(len(self.started)))
        start = StartExecution(
            execution_id=execution_id,
            namespace="sim",
            flow_id=self.random.choice(self.flow_ids),
            at=self.now,
            breakpoints=self.some_breakpoints(),
        )
        self.started.append(execution_id)
        kill = self.random.random() < 0.15
        if kill and self.random.random() < 0.3:
            self.command(KillExecution(execution_id=execution_id, at=self.now))
            kill = False
        for _ in range(2 if self.random.random() < self.faults.duplicate else 1):
            self.log.append("executions.starts", execution_id.encode(), codec.encode(start))
        if kill:
            self.command(KillExecution(execution_id=self.random.choice(self.started), at=self.now))

    def pause_or_resume_something(self) -> None:
        """Callers may ask at any time, also what means nothing."""
        execution_id = self.random.choice(self.started)
        kind = PauseExecution if self.random.random() < 0.3 else ResumeExecution
        self.command(kind(execution_id=execution_id, at=self.now))

    def some_breakpoints(self) -> list[str]:
        """Every sixth execution has some. They come from dice of their own, so that what else happens does not depend on them."""
        dice = self.dice
        return [task for task in BREAKPOINTS if dice.random() < 0.4] if dice.random() < 0.17 else []

    def resume_from_breakpoint(self) -> None:
        execution_id = self.dice.choice(self.started)
        self.command(
            ResumeFromBreakpoint(execution_id=execution_id, at=self.now, breakpoints=self.some_breakpoints())
        )

    def resume_all(self) -> None:
        for execution_id, state in self.watch.journal_fold.states.items():
            if state is State.PAUSED:
                self.command(ResumeExecution(execution_id=execution_id, at=self.now))
            elif state is State.BREAKPOINT:
                self.command(ResumeFromBreakpoint(execution_id=execution_id, at=self.now))

    def command(
        self, message: KillExecution | PauseExecution | ResumeExecution | ResumeFromBreakpoint
    ) -> None:
        self.log.append("executions.commands", message.execution_id.encode(), codec.encode(message))

    def step(self) -> None:
        """Let one actor do one thing."""
        draw = self.random.random
        if len(self.started) < MAX_EXECUTIONS and draw() < 0.04:
            self.start_something()
        if self.started and draw() < 0.02:
            self.pause_or_resume_something()
        if self.started and self.dice.random() < 0.01:
            self.resume_from_breakpoint()
        if draw() < self.faults.clock_jump:
            self.now += self.random.choice((-60_000, 30_000))
        if draw() < self.faults.outage:
            self.now += OUTAGE_MS
        self.now += self.random.choice((0, 0, 1, 5, 20, 200))
        self.log.now = self.now
        self.disturb()
        actors: list[Owner | SimWorker] = [*self.owners, *self.zombies, *self.workers]
        actor = self.random.choice(actors)
        if isinstance(actor, SimWorker):
            actor.step(self.now, self.faults.duplicate)
        else:
            actor.step(self.now, self.faults)
        self.watch.check()

    def disturb(self) -> None:
        draw, faults = self.random.random, self.faults
        if draw() < faults.crash:
            owner = self.random.choice(self.owners)
            owner.partition = None
        if draw() < faults.zombie:
            index = self.random.randrange(len(self.owners))
            old = self.owners[index]
            self.owners[index] = self.new_owner(old.kind, old.number)
            self.zombies = [*self.zombies, old][-3:]
        if self.late and draw() < 0.1:
            late = self.late.pop(self.random.randrange(len(self.late)))
            self.log.append_batch(late.topic, late.partition, late.values)
        if draw() < faults.worker_death:
            dead = self.random.choice(self.workers)
            self.workers.remove(dead)
            self.new_worker(dead.group)
        if draw() < faults.worker_restart:
            self.random.choice(self.workers).restart(self.now)
        if draw() < faults.worker_gap:
            self.random.choice(self.workers).miss_records(self.now)
        if draw() < faults.worker_drain:
            self.random.choice(self.workers).drain(self.now)
        self.replace_gone()
        if draw() < faults.worker_freeze:
            self.random.choice(self.workers).frozen_until = self.now + self.random.choice((3_000, 15_000))

    def replace_gone(self) -> None:
        """Start a worker in place of each that was drained."""
        for gone in [worker for worker in self.workers if worker.gone]:
            self.workers.remove(gone)
            self.new_worker(gone.group)

    def run(self, steps: int) -> None:
        """Run a storm of ``steps`` steps, then calm until nothing moves. Check every invariant after each step and at the end."""
        for _ in range(steps):
            self.step()
        self.faults = CALM
        self.zombies = []
        self.late = []
        self.settle()
        self.watch.check_settled()

    def settle(self) -> None:
        for worker in self.workers:
            worker.frozen_until = 0
        moved = 0
        for number in range(4_000):
            before, decided = self.watch.progress(), self.watch.decided
            for _ in range(3):
                self.now += 300
                self.log.now = self.now
                for actor in self.owners:
                    for _ in range(4):
                        actor.step(self.now, CALM)
                        self.watch.check()
                for worker in self.workers:
                    worker.step(self.now, 0.0)
                self.replace_gone()
            self.watch.check()
            self.resume_all()
            if self.watch.progress() == before:
                self.now += 60_000  # nothing is left but what waits for long
            if self.watch.all_ended() and self.watch.progress() == before:
                return
            moved = number if self.watch.decided != decided else moved
            if number - moved > STILL_ROUNDS:
                return
