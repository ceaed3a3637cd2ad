"""What must be true of a world after every step, and once it has settled."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from contracts.codec import Codec
from contracts.execution import (
    AnyExecutionEvent,
    AttemptEnded,
    AttemptReport,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionPaused,
    ExecutionPrepared,
    ExecutionResumed,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TaskRunSuspended,
)
from contracts.lease import LeaseNews, LeaseRevoked
from contracts.message import Message
from contracts.scalars import attempt_id
from contracts.states import ENDED, EXECUTION_TRANSITIONS, HOLDS_SLOT, TASK_RUN_TRANSITIONS, State
from contracts.work import AttemptKey
from services.executor.dispatch.event import JOURNAL as DISPATCH_JOURNAL
from services.executor.executions.event import (
    JOURNAL,
    ChildBegun,
    ChildOver,
    DirectoryAsked,
    DirectoryEntered,
    DirectoryGone,
    EvaluationAnswered,
    EvaluationAsked,
    EvaluationClosed,
    EvaluationLost,
)
from services.executor.executions.in_place import HERE
from tests.simulation.flows import LIMITS
from tests.simulation.leases import LeaseWatch
from tests.simulation.loops import LoopWatch
from tests.simulation.requirement import require
from tests.support.projection import MOVES
from toccata.runtime.processor.journal import EPOCH, MARK, JournalRecord, decode_record

if TYPE_CHECKING:
    from tests.simulation.world import World

_PUBLIC: Codec[AnyExecutionEvent] = Codec(AnyExecutionEvent)
_REPORTS: Codec[AttemptReport | LeaseNews] = Codec(AttemptReport | LeaseNews)
_UNDER_WAY = frozenset({State.SUBMITTED, State.RUNNING})


class Fold:
    """Executions according to their events, from either topic."""

    def __init__(self) -> None:
        self.states: dict[str, State] = {}
        self.flows: dict[str, str] = {}
        self.seqs: dict[str, int] = defaultdict(int)
        self.task_runs: dict[str, State] = {}
        self.of: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.groups: dict[str, str] = {}
        """By task run or evaluation: the worker group of its last attempt."""
        self.ends: dict[str, int] = defaultdict(int)
        self.holders: dict[str, set[str]] = defaultdict(set)
        self.held: dict[str, bool] = defaultdict(bool)

    def apply(self, event: AnyExecutionEvent) -> None:
        execution_id = event.execution_id
        if event.seq <= self.seqs[execution_id]:
            return
        require(event.seq == self.seqs[execution_id] + 1, f"{execution_id}: seq jumps to {event.seq}")
        self.seqs[execution_id] = event.seq
        if isinstance(event, ExecutionResumed):
            self._check_resumed(execution_id)
        if isinstance(event, ExecutionPaused):
            self.held[execution_id] = event.held
        if isinstance(event, ExecutionCreated):
            self.flows[execution_id] = event.flow_id
        if isinstance(event, ExecutionEnded):
            self.ends[execution_id] += 1
            self.move(execution_id, event.state)
        elif type(event) in MOVES:
            self.move(execution_id, MOVES[type(event)])
        else:
            self._apply_to_run(event)

    def _check_resumed(self, execution_id: str) -> None:
        own = [run for run, of in self.of.items() if of == execution_id]
        paused = any(self.task_runs[run] is State.PAUSED for run in own)
        require(self.held[execution_id] or not paused, f"{execution_id} goes on while a task run is paused")

    def _apply_to_run(self, event: AnyExecutionEvent) -> None:
        if isinstance(event, TaskRunCreated | TaskRunOpened | TaskRunSubmitted):
            stopped = self.states[event.execution_id] is State.BREAKPOINT
            goes_on = self.task_runs.get(event.task_run_id) in _UNDER_WAY
            require(not stopped or goes_on, f"{event.execution_id}: something begins at a breakpoint")
        match event:
            case ExecutionPrepared():
                state = self.states[event.execution_id]
                require(state is State.CREATED, "inputs change after the beginning")
            case TaskRunSuspended():
                self.move_task(event.task_run_id, State.BREAKPOINT)
            case TaskRunCreated():
                self.of[event.task_run_id] = event.execution_id
                require(
                    self.states[event.execution_id] not in ENDED or event.task_id.startswith("after"),
                    "task run after the end",
                )
                self.move_task(event.task_run_id, event.state)
                if event.state is State.SUBMITTED:
                    self.attempts[event.task_run_id] = 1
                    self.groups[event.task_run_id] = event.group
            case TaskRunOpened():
                self.move_task(event.task_run_id, State.RUNNING)
            case TaskRunSubmitted():
                require(event.attempt > self.attempts.get(event.task_run_id, 0), "attempt numbers go up")
                self.attempts[event.task_run_id] = event.attempt
                self.groups[event.task_run_id] = event.group
                self.move_task(event.task_run_id, State.SUBMITTED)
            case TaskRunStarted():
                require(event.attempt == self.attempts.get(event.task_run_id), "a stale attempt started")
                self.move_task(event.task_run_id, State.RUNNING)
            case TaskRunRetrying():
                known = self.attempts.get(event.task_run_id, event.attempt)  # none: it runs a flow
                require(event.attempt == known, "a stale attempt is retried")
                self.move_task(event.task_run_id, State.RETRYING)
            case TaskRunPaused():
                self.move_task(event.task_run_id, State.PAUSED)
            case TaskRunResumed():
                self.move_task(event.task_run_id, State.RUNNING)
            case TaskRunRepeated():
                if self.task_runs[event.task_run_id] is not State.RUNNING:
                    self.move_task(event.task_run_id, State.RUNNING)
                for gone in event.removed:
                    require(self.task_runs[gone] in ENDED, f"task run {gone} was removed while it was open")
            case TaskRunEnded():
                if event.attempt and event.task_run_id in self.attempts:
                    require(
                        event.attempt == self.attempts[event.task_run_id],
                        "a stale attempt ended the task run",
                    )
                self.move_task(event.task_run_id, event.state)

    def move(self, execution_id: str, state: State) -> None:
        before = self.states.get(execution_id)
        require(state in EXECUTION_TRANSITIONS[before], f"{execution_id}: {before} to {state}")
        self.states[execution_id] = state
        flow = self.flows[execution_id]
        holders = self.holders[flow]
        (holders.add if state in HOLDS_SLOT else holders.discard)(execution_id)
        require(len(holders) <= LIMITS.get(flow, 1_000_000), f"{flow}: {len(holders)} hold a slot")

    def move_task(self, task_run_id: str, state: State) -> None:
        before = self.task_runs.get(task_run_id)
        require(state in TASK_RUN_TRANSITIONS[before], f"task run {task_run_id}: {before} to {state}")
        self.task_runs[task_run_id] = state


class Watch:
    """Follows the journals and the public topic of a world, incrementally."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal_fold = Fold()
        self.public_fold = Fold()
        self._read: dict[tuple[str, int], int] = defaultdict(int)
        self._epochs: dict[tuple[str, int], int] = defaultdict(int)
        self._seqs: dict[tuple[str, int], int] = defaultdict(int)
        self.children: dict[str, bool] = {}
        """Child executions by id, and whether their parents wait for them."""
        self._children_over: set[str] = set()
        self._ends_told: list[tuple[str, State]] = []
        self._decided_here: set[AttemptKey] = set()
        self._absent: set[tuple[str, AttemptKey]] = set()
        self._asked: dict[tuple[str, str], EvaluationAsked] = {}
        """By execution and task run: evaluations, answered or not, that nobody has closed."""
        self._out: set[tuple[str, str]] = set()
        """Those of them that wait for an answer."""
        self._checked_attempts: dict[str, int] = defaultdict(int)
        self._directories: dict[str, str] = {}
        """By task run of a WorkingDirectory: the worker with its directory. Empty: no worker has it."""
        self._steps: dict[str, tuple[int, str]] = {}
        """By task run: the step of its directory that is out."""
        self._entered: dict[str, str] = {}
        """By directory: the worker that made it."""
        self._checked_uses: dict[str, int] = defaultdict(int)
        self.leases = LeaseWatch()
        self.loops = LoopWatch()

    def check(self) -> None:
        for kind in self.world.kinds:
            for number in range(self.world.log.partitions(f"{kind.name}.journal")):
                self._follow_journal(kind.name, number)
        for number in range(self.world.log.partitions("executions.events")):
            self._follow_public(number)
        for number in range(self.world.log.partitions("executions.reports")):
            self._follow_reports(number)
        self._check_attempts()
        self._check_uses()

    def _follow_journal(self, name: str, number: int) -> None:
        topic, at = f"{name}.journal", (name, number)
        for entry in self.world.log.read(topic, number, self._read[at]):
            self._read[at] = entry.offset + 1
            record = decode_record(entry.value)
            if record.epoch < self._epochs[at]:
                continue
            self._epochs[at] = record.epoch
            if record.source in {EPOCH, MARK}:
                continue
            require(record.seq == self._seqs[at] + 1, f"{topic}/{number}: {self._seqs[at]} then {record.seq}")
            self._seqs[at] = record.seq
            if name == "dispatch":
                self.leases.follow_dispatch([DISPATCH_JOURNAL.decode(raw) for raw in record.events])
            if name == "executions":
                self._follow_leases(record, number)
                for raw in record.events:
                    event = JOURNAL.decode(raw)
                    if isinstance(event, TaskRunStarted) and event.worker_id == HERE:
                        self._decided_here.add(AttemptKey(event.task_run_id, event.attempt))
                    if (
                        isinstance(event, TaskRunEnded)
                        and event.attempt
                        and event.task_run_id in self.journal_fold.attempts
                        and event.state is State.SUCCESS
                    ):
                        self._check_success(AttemptKey(event.task_run_id, event.attempt))
                    if isinstance(event, ExecutionEvent):
                        self.journal_fold.apply(event)
                        self.loops.follow(event)
                    self._follow_family(event)
                    if not isinstance(event, ExecutionEvent):
                        self._follow_evaluation(event, number, record)
                        self._follow_directory(event)
                    elif isinstance(event, TaskRunCreated):
                        self._check_place(event)

    def _follow_leases(self, record: JournalRecord, number: int) -> None:
        revoked = None
        if record.topic == "executions.reports":
            (entry,) = self.world.log.read(record.topic, number, record.offset, 1)
            report = _REPORTS.decode(entry.value)
            revoked = report if isinstance(report, LeaseRevoked) else None
        self.leases.follow_executions([JOURNAL.decode(raw) for raw in record.events], revoked)

    def _follow_family(self, event: object) -> None:
        """Each child begins once, and its parent takes its end once, in the state that it has."""
        if isinstance(event, ChildBegun):
            require(event.child_id not in self.children, f"child {event.child_id} began twice")
            self.children[event.child_id] = event.awaited
        elif isinstance(event, ChildOver) and self.children[event.child_id]:
            require(event.child_id not in self._children_over, f"child {event.child_id} ended twice")
            self._children_over.add(event.child_id)
            self._ends_told.append((event.child_id, event.state))

    def _follow_evaluation(self, event: Message, number: int, record: JournalRecord) -> None:
        """Each question is asked with a new number, and only the attempt with that number answers it, once."""
        match event:
            case EvaluationAsked():
                key = (event.execution_id, event.task_run_id)
                require(key not in self._out, f"{key} is asked while it is out")
                before = self.journal_fold.attempts.get(event.evaluation_id, 0)
                require(event.attempt == before + 1, f"{key}: question {event.attempt} after {before}")
                self.journal_fold.attempts[event.evaluation_id] = event.attempt
                self.journal_fold.groups[event.evaluation_id] = event.group
                self._asked[key] = event
                self._out.add(key)
            case EvaluationAnswered() | EvaluationLost():
                key = (event.execution_id, event.task_run_id)
                require(key in self._out, f"{key} is answered, but nothing is out")
                self._out.discard(key)
                asked = self._asked[key]
                attempt = attempt_id(asked.evaluation_id, asked.attempt)
                require(self._attempt_of(record, number) == attempt, f"{key}: a stale answer counts")
            case EvaluationClosed():
                key = (event.execution_id, event.task_run_id)
                require(key in self._asked, f"{key} is closed twice")
                del self._asked[key]
                self._out.discard(key)

    def _check_place(self, event: TaskRunCreated) -> None:
        """A task that shares a directory begins when a worker has it, and not before."""
        if event.task_id in ("w", "w2"):
            self._directories.setdefault(event.task_run_id, "")
        elif event.parent_task_run_id in self._directories:
            there = self._directories[event.parent_task_run_id]
            require(bool(there), f"{event.task_run_id} begins without its directory")
            out = event.parent_task_run_id in self._steps
            require(not out, f"{event.task_run_id} begins while its directory is made or left")

    def _follow_directory(self, event: Message) -> None:
        match event:
            case DirectoryAsked():
                run = event.task_run_id
                require(run not in self._steps, f"{run}: a step while another one is out")
                require(event.attempt > self.journal_fold.attempts.get(run, 0), f"{run}: steps go up")
                require((event.step == "leave") == bool(self._directories[run]), f"{run}: {event.step}")
                self.journal_fold.attempts[run] = event.attempt
                self.journal_fold.groups[run] = event.group
                self._steps[run] = (event.attempt, event.step)
            case DirectoryEntered():
                number, _ = self._steps.pop(event.task_run_id)
                self._directories[event.task_run_id] = event.worker_id
                self._entered[f"{event.task_run_id}.{number}"] = event.worker_id
            case DirectoryGone():
                self._steps.pop(event.task_run_id, None)
                self._directories[event.task_run_id] = ""
                self.journal_fold.attempts[event.task_run_id] = event.attempt

    def _check_uses(self) -> None:
        """Everything about a directory goes to the worker that made it."""
        for worker in self.world.all_workers:
            for name, step in worker.used[self._checked_uses[worker.id] :]:
                at_home = step == "enter" or self._entered.get(name) == worker.id
                require(at_home, f"{step} of directory {name} came to {worker.id}")
            self._checked_uses[worker.id] = len(worker.used)

    def _attempt_of(self, record: JournalRecord, number: int) -> str:
        """Return the attempt whose end this record decides."""
        if not record.topic:
            return record.timers[0][0].split("/", 2)[2]  # lost under a lease
        (entry,) = self.world.log.read("executions.reports", number, record.offset, 1)
        report = _REPORTS.decode(entry.value)
        return attempt_id(report.task_run_id, report.attempt) if isinstance(report, AttemptEnded) else ""

    def _follow_public(self, number: int) -> None:
        at = ("public", number)
        for entry in self.world.log.read("executions.events", number, self._read[at]):
            self._read[at] = entry.offset + 1
            event = _PUBLIC.decode(entry.value)
            self.public_fold.apply(event)
            known = self.journal_fold.seqs[event.execution_id]
            require(
                event.seq <= known,
                f"{event.execution_id}: published seq {event.seq} before it was durable ({known})",
            )

    def _follow_reports(self, number: int) -> None:
        """Note the attempts that dispatch declared lost because their worker, which lives, does not run them."""
        at = ("reports", number)
        for entry in self.world.log.read("executions.reports", number, self._read[at]):
            self._read[at] = entry.offset + 1
            command = _REPORTS.decode(entry.value)
            if isinstance(command, AttemptEnded) and command.message.endswith("does not run it"):
                self._absent.add((command.worker_id, AttemptKey(command.task_run_id, command.attempt)))

    def _check_success(self, key: AttemptKey) -> None:
        reported = key in self._decided_here or any(
            key in worker.succeeded for worker in self.world.all_workers
        )
        require(reported, f"attempt {key} ended in SUCCESS, but no worker said so")

    def _check_attempts(self) -> None:
        for worker in self.world.all_workers:
            for key, _ in worker.started[self._checked_attempts[worker.id] :]:
                lost = (worker.id, key) in self._absent | self.leases.absent
                require(not lost, f"attempt {key} was on its way to {worker.id} when it was declared lost")
                durable = self.journal_fold.attempts.get(key.task_run_id, 0)
                require(key not in self._decided_here, f"attempt {key} was decided in place, and ran")
                require(key.attempt <= durable, f"attempt {key} began before its record was durable")
                if key.attempt == durable:
                    group = self.journal_fold.groups.get(key.task_run_id) or "default"
                    require(group == worker.group, f"attempt {key} of group {group} ran in {worker.group}")
            self._checked_attempts[worker.id] = len(worker.started)
        for worker in self.world.workers:
            self.leases.check_worker(worker)

    def progress(self) -> int:
        return sum(self._read.values())

    @property
    def decided(self) -> int:
        """The number of events of all executions."""
        return sum(self.journal_fold.seqs.values())

    def all_ended(self) -> bool:
        fold = self.journal_fold
        ended = all(state in ENDED for states in (fold.states, fold.task_runs) for state in states.values())
        children = sum(execution_id not in self.world.started for execution_id in fold.states)
        return ended and len(fold.states) == len(self.world.started) + children == self._begun()

    def _begun(self) -> int:
        """Return how many executions there must be: those that were started, and the children that these began."""
        return len({*self.world.started, *self.children})

    def check_settled(self) -> None:
        missing = [e for e in self.world.started if e not in self.journal_fold.states]
        require(not missing, f"lost: {missing}")
        stuck = {e: s for e, s in self.journal_fold.states.items() if s not in ENDED}
        require(not stuck, f"stuck: {stuck}")
        open_task_runs = {t: s for t, s in self.journal_fold.task_runs.items() if s not in ENDED}
        require(not open_task_runs, f"ended executions with open task runs: {open_task_runs}")
        require(all(count == 1 for count in self.journal_fold.ends.values()), "ended more than once")
        require(self.journal_fold.states == self.public_fold.states, "the public events tell another story")
        require(self.journal_fold.task_runs == self.public_fold.task_runs, "task runs differ in public")
        for child, told in self._ends_told:
            found = self.journal_fold.states.get(child)
            require(found is told, f"child {child} is {found}, but its parent was told {told}")
        require(not self._asked, f"nobody closed the evaluations {set(self._asked)}")
        self.leases.check_settled()
        held = {flow: holders for flow, holders in self.journal_fold.holders.items() if holders}
        require(not held, f"slots held by ended executions: {held}")
