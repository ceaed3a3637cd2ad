"""An execution as it is now: begun from a row or from its first event, and kept up to date by the events that follow.
The same fold as the projection's, so that what a stream shows and what a read shows agree."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.execution import (
    AnyExecutionEvent,
    AttemptRecord,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionKilling,
    ExecutionQueued,
    ExecutionRestarted,
    ExecutionRetrying,
    ExecutionStarted,
    History,
    Outcome,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TriggerRef,
)
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED, State
from services.web.core.rows import ExecutionRow, TaskRunRow

_OUTCOMES: dict[Outcome, State] = {
    "succeeded": State.SUCCESS,
    "warned": State.WARNING,
    "failed": State.FAILED,
    "timed_out": State.FAILED,
    "cancelled": State.KILLED,
    "lost": State.FAILED,
}
_TURNS: dict[type, State] = {
    ExecutionQueued: State.QUEUED,
    ExecutionStarted: State.RUNNING,
    ExecutionRetrying: State.RETRYING,
    ExecutionKilling: State.KILLING,
}


@dataclass(slots=True)
class LiveAttempt:
    number: int
    worker_id: str = ""
    histories: list[History] = field(default_factory=list)


@dataclass(slots=True)
class LiveTaskRun:
    id: str
    task_id: str
    histories: list[History]
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    attempts: list[LiveAttempt] = field(default_factory=list)
    outputs: JsonObject = field(default_factory=dict)
    outputs_uri: str | None = None

    @property
    def state(self) -> State:
        return self.histories[-1].state

    def turn(self, state: State, at: Millis) -> None:
        _append(self.histories, state, at)

    def attempt(self, number: int, at: Millis) -> LiveAttempt:
        """It begins now unless it is known."""
        for known in reversed(self.attempts):
            if known.number == number:
                return known
        self.attempts.append(LiveAttempt(number, histories=[History(State.CREATED, at)]))
        return self.attempts[-1]


@dataclass(slots=True)
class Live:
    id: str
    namespace: str
    flow_id: str
    revision: int
    seq: int
    histories: list[History]
    inputs: JsonObject = field(default_factory=dict)
    outputs: JsonObject = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    trigger: TriggerRef | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    trace_parent: str | None = None
    reason: str = ""
    task_runs: dict[str, LiveTaskRun] = field(default_factory=dict)
    """By id, in order of creation."""

    @property
    def state(self) -> State:
        return self.histories[-1].state

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def apply(self, event: AnyExecutionEvent) -> bool:
        """False: it was known already, and changed nothing."""
        if event.seq <= self.seq:
            return False
        self.seq = event.seq
        turned = _TURNS.get(type(event))
        if turned is not None:
            _append(self.histories, turned, event.at)
        elif isinstance(event, ExecutionEnded):
            _append(self.histories, event.state, event.at)
            self.outputs, self.reason = event.outputs, event.reason
        elif isinstance(event, ExecutionRestarted):
            self._restart(event)
        elif isinstance(event, TaskRunCreated):
            self.task_runs[event.task_run_id] = _created(event)
        else:
            self._apply_to_run(event)
        return True

    def _restart(self, event: ExecutionRestarted) -> None:
        self.attempt_number = event.attempt_number
        self.outputs, self.reason = {}, ""
        for removed in event.removed:
            self.task_runs.pop(removed, None)
        if event.record is not None:
            self.labels = event.record.labels
            self.histories = list(event.record.histories)
            for kept in event.record.task_runs:
                # Assigning to a known id keeps its place in the order.
                self.task_runs[kept.id] = _of_record(kept)
        if not self.histories or self.histories[-1].state is not State.RESTARTED:
            _append(self.histories, State.RESTARTED, event.at)

    def _apply_to_run(self, event: AnyExecutionEvent) -> None:
        run = self.task_runs.get(getattr(event, "task_run_id", ""))
        if run is None:
            return
        if isinstance(event, TaskRunSubmitted):
            if run.attempts and run.attempts[-1].number < event.attempt:
                # The worker of the attempt before was lost: nobody else says that it is over.
                _end_attempt(run.attempts[-1], State.FAILED, event.at)
            run.turn(State.SUBMITTED, event.at)
            run.attempt(event.attempt, event.at)
        elif isinstance(event, TaskRunStarted):
            run.turn(State.RUNNING, event.started_at)
            attempt = run.attempt(event.attempt, event.started_at)
            attempt.worker_id = event.worker_id
            _append(attempt.histories, State.RUNNING, event.started_at)
        elif isinstance(event, TaskRunRetrying):
            ended = run.attempt(event.attempt, event.ended_at)
            _end_attempt(ended, _OUTCOMES[event.outcome], event.ended_at)
            run.turn(State.RETRYING, event.at)
        elif isinstance(event, TaskRunEnded):
            ended_at = event.ended_at if event.ended_at is not None else event.at
            if event.attempt:
                _end_attempt(run.attempt(event.attempt, ended_at), event.state, ended_at)
            run.turn(event.state, ended_at)
            if event.outputs:
                run.outputs = event.outputs
            run.outputs_uri = event.outputs_uri


def begin(event: ExecutionCreated) -> Live:
    return Live(
        id=event.execution_id,
        namespace=event.namespace,
        flow_id=event.flow_id,
        revision=event.revision,
        seq=event.seq,
        histories=[History(State.CREATED, event.at)],
        inputs=event.inputs,
        labels=event.labels,
        trigger=event.trigger,
        parent_id=event.parent_id,
        original_id=event.original_id,
        scheduled_at=event.scheduled_at,
        kind=event.kind,
        attempt_number=event.attempt_number,
        trace_parent=event.trace_parent,
    )


def of_row(row: ExecutionRow) -> Live:
    return Live(
        id=row.id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        revision=row.revision,
        seq=row.seq,
        histories=list(row.histories),
        inputs=row.inputs,
        outputs=row.outputs,
        labels=row.labels,
        trigger=row.trigger,
        parent_id=row.parent_id,
        original_id=row.original_id,
        scheduled_at=row.scheduled_at,
        kind=row.kind,
        attempt_number=row.attempt_number,
        trace_parent=row.trace_parent,
        reason=row.reason,
        task_runs={run.id: _of_run_row(run) for run in row.task_runs},
    )


def _created(event: TaskRunCreated) -> LiveTaskRun:
    histories = [History(State.CREATED, event.at)]
    if event.state is not State.CREATED:
        histories.append(History(event.state, event.at))
    run = LiveTaskRun(
        event.task_run_id,
        event.task_id,
        histories,
        event.parent_task_run_id,
        event.value,
        event.iteration,
        outputs=event.outputs,
    )
    if event.state is State.SUBMITTED:
        run.attempt(1, event.at)
    return run


def _end_attempt(attempt: LiveAttempt, state: State, at: Millis) -> None:
    if not attempt.histories or attempt.histories[-1].state not in ENDED:
        _append(attempt.histories, state, at)


def _append(histories: list[History], state: State, at: Millis) -> None:
    """A worker's clock may be behind ours; a history never goes back."""
    histories.append(History(state, max(at, histories[-1].at) if histories else at))


def _of_run_row(row: TaskRunRow) -> LiveTaskRun:
    return LiveTaskRun(
        row.id,
        row.task_id,
        list(row.histories),
        row.parent_id,
        row.value,
        row.iteration,
        [_live_attempt(attempt) for attempt in row.attempts],
        row.outputs,
        row.outputs_uri,
    )


def _of_record(record: TaskRunRecord) -> LiveTaskRun:
    return LiveTaskRun(
        record.id,
        record.task_id,
        list(record.histories),
        record.parent_id,
        record.value,
        record.iteration,
        [_live_attempt(attempt) for attempt in record.attempts],
        record.outputs,
        record.outputs_uri,
    )


def _live_attempt(record: AttemptRecord) -> LiveAttempt:
    return LiveAttempt(record.number, record.worker_id, list(record.histories))
