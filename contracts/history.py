"""Folds public events into the histories of an execution, its task runs and their attempts. Nothing else does this.
The indexer builds rows with it, and web builds streams with it, so that a stream and a read agree.

Outputs, messages and labels are not folded here. Each service keeps them in its own form.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from contracts.execution import (
    AttemptRecord,
    ExecutionKilling,
    ExecutionPaused,
    ExecutionQueued,
    ExecutionRestarted,
    ExecutionResumed,
    ExecutionRetrying,
    ExecutionStarted,
    ExecutionSuspended,
    History,
    Outcome,
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
from contracts.message import Message
from contracts.scalars import Millis
from contracts.states import ENDED, State

TURNS: dict[type[Message], State] = {
    ExecutionQueued: State.QUEUED,
    ExecutionStarted: State.RUNNING,
    ExecutionRetrying: State.RETRYING,
    ExecutionPaused: State.PAUSED,
    ExecutionResumed: State.RESTARTED,
    ExecutionSuspended: State.BREAKPOINT,
    ExecutionKilling: State.KILLING,
}
"""Events that only change the execution's state."""
OUTCOME_STATES: dict[Outcome, State] = {
    "succeeded": State.SUCCESS,
    "warned": State.WARNING,
    "failed": State.FAILED,
    "timed_out": State.FAILED,
    "cancelled": State.KILLED,
    "lost": State.FAILED,
}


class Past(Protocol):
    """The past of a task run. It owns both lists. Attempts are replaced, never changed in place."""

    histories: list[History]
    attempts: list[AttemptRecord]


def append(histories: list[History], state: State, at: Millis) -> None:
    """Add a state. A worker's clock may be behind ours, but a history never goes back in time."""
    if histories and histories[-1].at > at:
        at = histories[-1].at
    histories.append(History(state, at))


def restarted(histories: list[History], event: ExecutionRestarted) -> list[History]:
    """Return the execution's histories after a restart. ``histories`` is the past so far, and is not changed."""
    found = list(histories if event.record is None else event.record.histories)
    if not found or found[-1].state is not State.RESTARTED:
        append(found, State.RESTARTED, event.at)
    return found


def begin_run(run: Past, event: TaskRunCreated) -> None:
    run.histories = [History(State.CREATED, event.at)]
    if event.state is not State.CREATED:
        run.histories.append(History(event.state, event.at))
    if event.state is State.SUBMITTED:
        run.attempts = [AttemptRecord(number=1, histories=[History(State.CREATED, event.at)])]


def open_run(run: Past, event: TaskRunOpened) -> None:
    append(run.histories, State.RUNNING, event.at)


def suspend_run(run: Past, event: TaskRunSuspended) -> None:
    append(run.histories, State.BREAKPOINT, event.at)


def keep_run(run: Past, record: TaskRunRecord, at: Millis) -> bool:
    """Keep a known run at the restart at ``at``. Keep its known past, because the record may be abridged.
    Return True if the run runs again."""
    renewed = History(State.RESTARTED, at)
    if renewed not in record.histories:
        return False
    run.histories += record.histories[record.histories.index(renewed) :]
    for attempt in run.attempts[-1:]:
        _end_attempt(run, attempt.number, State.KILLED, at)
    return True


def submit_run(run: Past, event: TaskRunSubmitted) -> None:
    if run.attempts and run.attempts[-1].number < event.attempt:
        # The worker of the attempt before was lost, so no other event ends that attempt.
        _end_attempt(run, run.attempts[-1].number, State.FAILED, event.at)
    append(run.histories, State.SUBMITTED, event.at)
    _attempt_at(run, event.attempt, event.at)


def start_run(run: Past, event: TaskRunStarted) -> None:
    append(run.histories, State.RUNNING, event.started_at)
    index = _attempt_at(run, event.attempt, event.started_at)
    attempt = run.attempts[index]
    histories = attempt.histories.copy()
    append(histories, State.RUNNING, event.started_at)
    run.attempts[index] = AttemptRecord(number=attempt.number, worker_id=event.worker_id, histories=histories)


def retry_run(run: Past, event: TaskRunRetrying) -> None:
    _end_attempt(run, event.attempt, OUTCOME_STATES[event.outcome], event.ended_at, event.log_uri)
    append(run.histories, State.RETRYING, event.at)


def pause_run(run: Past, event: TaskRunPaused) -> None:
    append(run.histories, State.PAUSED, event.at)


def resume_run(run: Past, event: TaskRunResumed) -> None:
    append(run.histories, State.RUNNING, event.at)


def repeat_run(run: Past, event: TaskRunRepeated) -> None:
    """Begin the history again, because a loop may have any number of rounds."""
    run.histories = run.histories[:1]
    append(run.histories, State.RUNNING, event.at)


def end_run(run: Past, event: TaskRunEnded) -> None:
    at = event.at if event.ended_at is None else event.ended_at
    append(run.histories, event.state, at)
    if event.attempt:
        own = OUTCOME_STATES[event.outcome] if event.outcome is not None else event.state
        _end_attempt(run, event.attempt, own, at, event.log_uri)


def _attempt_at(run: Past, number: int, at: Millis) -> int:
    """Return the index of the attempt. It begins now if it is not known."""
    for index in range(len(run.attempts) - 1, -1, -1):
        if run.attempts[index].number == number:
            return index
    run.attempts.append(AttemptRecord(number=number, histories=[History(State.CREATED, at)]))
    return len(run.attempts) - 1


def _end_attempt(run: Past, number: int, state: State, at: Millis, log_uri: str | None = None) -> None:
    index = _attempt_at(run, number, at)
    attempt = run.attempts[index]
    if attempt.histories and attempt.histories[-1].state in ENDED:
        return
    histories = attempt.histories.copy()
    append(histories, state, at)
    run.attempts[index] = msgspec.structs.replace(attempt, histories=histories, log_uri=log_uri)
