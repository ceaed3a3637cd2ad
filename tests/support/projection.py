"""Folds ``executions.events`` like a reader, and checks each move against the tables of contracts.states."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.execution import (
    ExecutionCreated,
    ExecutionDeleted,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionKilling,
    ExecutionPaused,
    ExecutionPrepared,
    ExecutionQueued,
    ExecutionRestarted,
    ExecutionResumed,
    ExecutionRetrying,
    ExecutionStarted,
    ExecutionStateChanged,
    ExecutionSuspended,
    ExecutionUpdated,
    RunsRestored,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRecord,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TaskRunSuspended,
)
from contracts.scalars import JsonObject
from contracts.states import EXECUTION_TRANSITIONS, TASK_RUN_TRANSITIONS, State

MOVES = {
    ExecutionCreated: State.CREATED,
    ExecutionQueued: State.QUEUED,
    ExecutionStarted: State.RUNNING,
    ExecutionRetrying: State.RETRYING,
    ExecutionPaused: State.PAUSED,
    ExecutionResumed: State.RESTARTED,
    ExecutionSuspended: State.BREAKPOINT,
    ExecutionKilling: State.KILLING,
    ExecutionRestarted: State.RESTARTED,
}


@dataclass
class SeenRun:
    id: str
    task_id: str
    parent_id: str | None
    value: str | None
    iteration: int | None
    histories: list[State]
    attempt: int = 0
    outputs: JsonObject = field(default_factory=dict)
    message: str = ""

    @property
    def state(self) -> State:
        return self.histories[-1]

    @property
    def name(self) -> str:
        return self.task_id if self.value is None else f"{self.task_id}[{self.value}]"

    def move(self, state: State) -> None:
        before = self.histories[-1] if self.histories else None
        assert state in TASK_RUN_TRANSITIONS[before], f"{self.name}: {before} -> {state}"
        self.histories.append(state)


@dataclass
class SeenExecution:
    """One execution according to its public events."""

    id: str
    seq: int = 0
    histories: list[State] = field(default_factory=list)
    runs: dict[str, SeenRun] = field(default_factory=dict)
    outputs: JsonObject = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    inputs: JsonObject = field(default_factory=dict)
    reason: str = ""
    deleted: bool = False
    variables: JsonObject | None = None

    @property
    def state(self) -> State:
        return self.histories[-1]

    def states(self) -> dict[str, str]:
        """Return states by task id, with the loop value: ``leaf[1]``."""
        return {run.name: run.state.value for run in self.runs.values()}

    def run(self, name: str) -> SeenRun:
        return [run for run in self.runs.values() if run.name == name][-1]

    def see(self, event: ExecutionEvent) -> None:
        assert event.seq == self.seq + 1, f"{event} after {self.seq}"
        self.seq = event.seq
        if isinstance(event, ExecutionEnded):
            self._move(event.state)
            self.outputs, self.reason = event.outputs, event.reason
        elif isinstance(event, ExecutionDeleted):
            self.deleted = True
        elif isinstance(event, ExecutionStateChanged):
            self._move(event.state)
        elif isinstance(event, ExecutionUpdated):
            self.labels = self.labels if event.labels is None else event.labels
            self.variables = self.variables if event.variables is None else event.variables
        elif isinstance(event, ExecutionPrepared):
            self.inputs = event.inputs
        elif type(event) in MOVES:
            self._move(MOVES[type(event)])
            if isinstance(event, ExecutionCreated):
                self.labels, self.inputs = event.labels, event.inputs
            elif isinstance(event, ExecutionRestarted):
                self._restart(event)
        elif isinstance(event, RunsRestored):
            self._restore(event.removed, event.runs, event.since)
        else:
            self._see_run(event)

    def _move(self, state: State) -> None:
        before = self.histories[-1] if self.histories else None
        assert state in EXECUTION_TRANSITIONS[before], f"{self.id}: {before} -> {state}"
        self.histories.append(state)

    def _restart(self, event: ExecutionRestarted) -> None:
        assert event.record is not None
        self._restore(event.removed, event.record.task_runs, event.at)
        self.labels = event.record.labels

    def _restore(self, removed: list[str], kept: list[TaskRunRecord], at: int) -> None:
        for gone in removed:
            del self.runs[gone]
        for record in kept:
            if record.id not in self.runs:  # a replay took it over
                self.runs[record.id] = SeenRun(
                    record.id,
                    record.task_id,
                    record.parent_id,
                    record.value,
                    record.iteration,
                    [past.state for past in record.histories],
                    max((attempt.number for attempt in record.attempts), default=0),
                    record.outputs,
                )
                continue
            run = self.runs[record.id]
            again = [past.state for past in record.histories if past.at == at]
            for state in again[again.index(State.RESTARTED) :] if State.RESTARTED in again else ():
                run.move(state)

    def _see_run(self, event: ExecutionEvent) -> None:
        if isinstance(event, TaskRunCreated):
            assert event.task_run_id not in self.runs, f"{event.task_id} twice"
            run = SeenRun(
                event.task_run_id,
                event.task_id,
                event.parent_task_run_id,
                event.value,
                event.iteration,
                [],
                outputs=event.outputs,
            )
            self.runs[run.id] = run
            run.move(event.state)
            run.attempt = int(event.state is State.SUBMITTED)
            return
        run = self.runs[event.task_run_id]  # type: ignore[attr-defined]
        if isinstance(event, TaskRunSubmitted):
            assert event.attempt == run.attempt + 1
            run.attempt = event.attempt
            run.move(State.SUBMITTED)
        elif isinstance(event, TaskRunOpened):
            run.move(State.RUNNING)
            run.outputs = event.outputs or run.outputs
        elif isinstance(event, TaskRunStarted):
            run.move(State.RUNNING)
        elif isinstance(event, TaskRunRetrying):
            run.move(State.RETRYING)
        elif isinstance(event, TaskRunSuspended):
            run.move(State.BREAKPOINT)
        elif isinstance(event, TaskRunPaused):
            run.move(State.PAUSED)
        elif isinstance(event, TaskRunResumed):
            run.move(State.RUNNING)
            run.outputs = event.outputs or run.outputs
        elif isinstance(event, TaskRunRepeated):
            if run.state is not State.RUNNING:
                run.move(State.RUNNING)
            run.outputs = event.outputs
            for gone in event.removed:
                del self.runs[gone]
        elif isinstance(event, TaskRunEnded):
            run.move(event.state)
            run.outputs = event.outputs or run.outputs
            run.message = event.message


class Projection:
    def __init__(self) -> None:
        self.executions: dict[str, SeenExecution] = {}

    def see(self, event: object) -> None:
        if isinstance(event, ExecutionEvent):
            self.executions.setdefault(event.execution_id, SeenExecution(event.execution_id)).see(event)
