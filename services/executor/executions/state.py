"""The core's facts about executions, as plain mutable records. Only ``evolve`` writes them, and nothing here decides.

All counters follow from events, never from the flow. So a history gives the same state whatever flows are at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from contracts.evaluation import Answer, Question
from contracts.execution import ChildState as KeptChild
from contracts.execution import (
    CommandInParts,
    ErrorLine,
    History,
    KillExecution,
    ParentRef,
    ResumeExecution,
    TriggerRef,
)
from contracts.language.types.behaviour import ChildEnd
from contracts.language.types.span import Values
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED, ENDED_WELL, State
from services.executor.executions.ended import EndedIds
from services.executor.executions.event import Ending, ExecutionEnding, Purpose
from services.executor.executions.lease import Leases
from services.executor.executions.open_executions import OpenExecutions
from services.executor.executions.transfer import Transfers

NO_OUTPUTS: JsonObject = {}
"""Shared by all runs without outputs. Never written to."""


@dataclass(slots=True)
class SharedDirectory:
    """The directory of a flowable whose tasks run on one worker."""

    id: str
    attempt: int
    """The number of the last step."""
    group: str
    step: Literal["", "enter", "leave"] = ""
    """What a worker does now."""
    worker_id: str = ""
    """Where it is. Empty: nowhere yet."""
    losses: int = 0
    """How often it was lost with its worker."""
    then: State | None = None
    """With ``leave``: the state that the tasks gave to the run."""


@dataclass(slots=True, eq=False)
class TaskRun:
    id: str
    task_id: str
    state: State
    created_at: Millis
    parent: TaskRun | None = None
    value: str | None = None
    iteration: int | None = None
    group: str = ""
    """The worker group of the last attempt. Empty: that of tasks which name none."""
    attempt: int = 0
    """The number of the last submitted attempt. 0 before the first one. Of a flowable: how many of its attempts are over, because
    another one followed."""
    losses: int = 0
    """How many of the attempts were lost with their worker."""
    started_at: Millis | None = None
    """When the first attempt started."""
    ended_at: Millis | None = None
    retry_at: Millis | None = None
    wake_at: Millis | None = None
    """Of a flowable that waits: when a timer lets it go on. It waits in PAUSED, or between two rounds."""
    then: State | None = None
    """The state that a pause, or the last round, gave to it. Its tasks may give a worse one."""
    errors: list[ErrorLine] = field(default_factory=list)
    """The last lines of level ERROR in the logs of its attempts."""
    deadline: tuple[State, str] | None = None
    """Of a flowable: a timer ends it in this state, for this reason."""
    outputs: JsonObject = field(default_factory=lambda: NO_OUTPUTS)
    outputs_uri: str | None = None
    children: Group | None = None
    """Not None for a flowable."""
    directory: SharedDirectory | None = None
    """Of a flowable whose tasks share one, until it ends."""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def waits(self) -> bool:
        """Whether its tasks must not begin: it is paused, or between two rounds."""
        return self.state is State.PAUSED or self.wake_at is not None

    @property
    def round(self) -> int:
        """The number of the round of a flowable that repeats its tasks, from 1. 0: it does not. Its output says it, so that it
        is known after a restart too."""
        number = self.outputs.get("iterationCount") if self.children is not None else None
        return number if isinstance(number, int) else 0


@dataclass(slots=True, eq=False)
class Group:
    """The runs directly below the execution or one flowable."""

    runs: dict[str, TaskRun] = field(default_factory=dict)
    """By task id, those that belong to no iteration."""
    open: int = 0
    """How many have not ended, including iterations."""
    limit: int | None = None
    """Most at once, where an expression gave it."""
    loop: Loop | None = None
    family: Family | None = None


@dataclass(slots=True, eq=False)
class Family:
    """The child executions of a flowable."""

    values: Values = field(default_factory=list)
    begun: int = 0
    """Children 0 to ``begun`` - 1 were started."""
    open: dict[int, str] = field(default_factory=dict)
    """By index, the ids of those that are awaited."""
    ends: list[ChildEnd] = field(default_factory=list)
    """In their order."""
    held: set[int] = field(default_factory=set)
    """By index, those that are paused."""
    undecided: list[int] = field(default_factory=list)
    """By index, ends of which a worker must say whether they stop the others."""
    waiting: list[KeptChild] = field(default_factory=list)
    """Children of before a restart, until the values are known."""
    stopped: bool = False
    """Nothing more begins."""
    reason: str = ""
    """Not empty: something about the children failed."""


@dataclass(slots=True, eq=False)
class Loop:
    """The iterations of a ForEach. Its counters find the next step in O(1), however many values there are."""

    body: tuple[str, ...]
    values: Values = field(default_factory=list)
    begun: int = 0
    """Iterations 0 to ``begun`` - 1 have a run."""
    open: int = 0
    """Runs of iterations that have not ended."""
    reached: dict[int, int] = field(default_factory=dict)
    """By iteration: the index in ``body`` of the last task that has a run."""
    busy: dict[int, int] = field(default_factory=dict)
    """By iteration: the number of open runs. It exceeds one only after a restart."""
    waiting: dict[int, int] = field(default_factory=dict)
    """Iterations whose runs all ended well and that have a next task, with its index in ``body``."""
    ended: dict[State, int] = field(default_factory=dict)
    """How many runs ended in each state."""
    runs: list[TaskRun] = field(default_factory=list)

    def admit(self, run: TaskRun) -> None:
        self.runs.append(run)
        self._count(run)

    def settle(self, run: TaskRun) -> None:
        iteration = run.iteration
        assert iteration is not None
        self.open -= 1
        self.busy[iteration] -= 1
        if not self.busy[iteration]:
            del self.busy[iteration]
        self._count_end(run, iteration)

    def recount(self, body: tuple[str, ...]) -> None:
        """Count again after a restart, because then the runs are known before the body."""
        self.body, self.begun, self.open = body, 0, 0
        self.reached, self.busy, self.waiting, self.ended = {}, {}, {}, {}
        for run in self.runs:
            self._count(run)
        self.begin_missing()

    def begin_missing(self) -> None:
        """Let iterations begin anew that have no run although later ones do: a restart took away a flowable that had never opened."""
        there = {run.iteration for run in self.runs}
        self.waiting |= {iteration: 0 for iteration in range(self.begun) if iteration not in there}

    def close(self) -> None:
        """Free the parts that nobody needs after the flowable has ended."""
        self.values = []
        self.reached, self.busy, self.waiting = {}, {}, {}

    def _count(self, run: TaskRun) -> None:
        iteration = run.iteration
        assert iteration is not None
        self.begun = max(self.begun, iteration + 1)
        if run.task_id in self.body:
            self.reached[iteration] = max(self.reached.get(iteration, 0), self.body.index(run.task_id))
        if run.state in ENDED:
            self._count_end(run, iteration)
        else:
            self.open += 1
            self.busy[iteration] = self.busy.get(iteration, 0) + 1
            self.waiting.pop(iteration, None)

    def _count_end(self, run: TaskRun, iteration: int) -> None:
        self.ended[run.state] = self.ended.get(run.state, 0) + 1
        self.waiting.pop(iteration, None)
        following = self.reached.get(iteration, len(self.body)) + 1
        if run.state in ENDED_WELL and iteration not in self.busy and following < len(self.body):
            self.waiting[iteration] = following


@dataclass(slots=True, eq=False)
class Evaluation:
    """Templates of one run, or of the flow, that a worker renders."""

    id: str
    """In place of a task run's id, in its attempts and in their answers."""
    task_run_id: str
    """Empty: of the flow."""
    purpose: Purpose
    attempt: int
    """The number of the last attempt, which alone may answer."""
    group: str
    questions: list[Question]
    """Those that are out. Empty: nothing is out."""
    answers: dict[Question, Answer] = field(default_factory=dict)
    losses: int = 0
    """How many attempts in a row were lost with their workers."""
    ending: Ending | None = None
    """With purpose ``outputs``."""
    command: ResumeExecution | None = None
    """With purpose ``resume``."""

    @property
    def out(self) -> bool:
        return bool(self.questions)


@dataclass(slots=True, eq=False)
class Execution:
    id: str
    namespace: str
    flow_id: str
    revision: int
    state: State
    seq: int
    histories: list[History]
    inputs: JsonObject
    labels: dict[str, str]
    trigger: TriggerRef | None
    parent_id: str | None
    original_id: str | None
    scheduled_at: Millis | None
    kind: str
    attempt_number: int
    trigger_key: str | None
    limit_key: str | None
    trace_parent: str | None
    variables: JsonObject | None = None
    """None: those of the flow."""
    parent: ParentRef | None = None
    levels: dict[str, bool] = field(default_factory=dict)
    """Service levels of the flow by id: True if one was violated, False if the log says that it cannot be evaluated."""
    outputs: JsonObject = field(default_factory=lambda: NO_OUTPUTS)
    lingers: bool = False
    """Tasks of ``afterExecution`` will run, so it stays after its end."""
    heard: list[int] = field(default_factory=list)
    """Numbers of the listeners whose tasks run then."""
    ending: ExecutionEnding | None = None
    """It ends over several steps, and nothing else happens to it."""
    root: Group = field(default_factory=Group)
    runs: dict[str, TaskRun] = field(default_factory=dict)
    """By id, in the order of creation."""
    by_task: dict[str, dict[str | None, list[TaskRun]]] = field(default_factory=dict)
    """By task id, then by the value of the outermost loop around the run (None outside of loops)."""
    active: int = 0
    """The number of attempts that are handed out and have not ended."""
    retrying: int = 0
    paused: int = 0
    """How many runs are PAUSED."""
    held: bool = False
    """Somebody paused the whole execution, or it stopped at a breakpoint. Nothing begins."""
    breakpoints: list[str] = field(default_factory=list)
    """Tasks before which it stops, as `task` or `task.value`."""
    restarted: dict[str, TaskRun] = field(default_factory=dict)
    """Runs that a restart or a breakpoint left to be submitted."""
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    """By task run id. Empty for the flow's own templates."""
    asked: int = 0
    """How many evaluations it has had."""
    restoring: Restoring | None = None
    asking: dict[str, str] = field(default_factory=dict)
    """The task run id of each evaluation, by its own id."""
    encrypted: bool = False
    """Something in its inputs or outputs is encrypted, so templates that read it are for workers."""

    @property
    def created_at(self) -> Millis:
        return self.histories[0].at

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def group_of(self, owner: TaskRun | None) -> Group:
        if owner is None:
            return self.root
        assert owner.children is not None
        return owner.children


@dataclass(slots=True, eq=False)
class Restoring:
    """An execution that gets its task runs over several steps."""

    command: CommandInParts
    at: Millis
    """The date of the restart."""
    asks: bool
    done: int = 0
    """How many pages it has."""


@dataclass(slots=True)
class ExecutionsState:
    """All executions of one partition."""

    ended: EndedIds
    executions: OpenExecutions[Execution]
    """Open executions, and those whose ``afterExecution`` still runs."""
    early_kills: dict[str, KillExecution] = field(default_factory=dict)
    """By execution id: kills that were read before the start."""
    transfers: Transfers = field(default_factory=Transfers)
    touched_kills: dict[str, None] = field(default_factory=dict)
    """Which of them came or went since this was last emptied."""
    leases: Leases = field(default_factory=Leases)


def index(execution: Execution, run: TaskRun) -> None:
    """Index a run by id, and by the keys that expressions use."""
    execution.runs[run.id] = run
    values = loop_values(run)
    by_value = execution.by_task.setdefault(run.task_id, {})
    by_value.setdefault(values[0] if values else None, []).append(run)


def remove(execution: Execution, run: TaskRun) -> None:
    """Take a run that has ended out of the indexes."""
    values = loop_values(run)
    by_value = execution.by_task[run.task_id]
    key = values[0] if values else None
    by_value[key] = [each for each in by_value[key] if each is not run]
    del execution.runs[run.id]
    if run.iteration is None:
        execution.group_of(run.parent).runs.pop(run.task_id, None)


def loop_values(run: TaskRun) -> list[str]:
    """Return the values from the outermost loop to the run's own."""
    values = [run.value] if run.value is not None else []
    parent = run.parent
    while parent is not None:
        if parent.value is not None:
            values.append(parent.value)
        parent = parent.parent
    values.reverse()
    return values


def ancestors(run: TaskRun | None) -> Iterator[TaskRun]:
    """Yield the run's parents, closest first."""
    parent = run.parent if run is not None else None
    while parent is not None:
        yield parent
        parent = parent.parent
