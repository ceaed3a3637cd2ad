"""Reports of workers on attempts. The attempt's number is a fence: a report with any other number than the present is stale."""

from __future__ import annotations

import msgspec

from contracts.codec import encode
from contracts.execution import (
    AttemptEnded,
    AttemptStarted,
    Outcome,
    TaskRunRetrying,
    TaskRunStarted,
)
from contracts.scalars import Millis
from contracts.states import State
from services.executor.executions.decide.evaluation import evaluated
from services.executor.executions.decide.fallback import cancelled_unserved
from services.executor.executions.directory import shared_by
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.outcome import mapped
from services.executor.executions.retry import NewExecution, NextAttempt, NoRetry, retry_of
from services.executor.executions.state import TaskRun
from services.executor.executions.submission import resubmit
from services.executor.executions.termination import end_run_as_reported
from services.executor.executions.turn import REASON_CHARS, Turn, cut
from services.executor.executions.visit import MAX_LOSSES, answered_by, begin_again, visited

ERRORS_BYTES = 32 * 1024
"""Workers send half of it at most."""
OUTPUT_BYTES = 256 * 1024
"""The limit for inline outputs. Workers send 16 KiB at most."""


def started(turn: Turn, command: AttemptStarted) -> None:
    run = _present(turn, command)
    if run is not None and run.state is State.SUBMITTED:
        turn.emit(
            TaskRunStarted,
            task_run_id=run.id,
            attempt=run.attempt,
            started_at=command.at,
            worker_id=command.worker_id,
        )


def ended(turn: Turn, command: AttemptEnded) -> None:
    asking = turn.execution.asking.get(command.task_run_id)
    if asking is not None:
        evaluated(turn, turn.execution.evaluations[asking], command)
        return
    owner = answered_by(turn, command)
    if owner is not None:
        visited(turn, owner, _within_limits(turn, command))
        return
    run = _present(turn, command)
    if run is None:
        return
    if command.unserved and cancelled_unserved(turn, run.id, command.message):
        return
    command = _within_limits(turn, command)
    if command.outcome == "lost":
        _lost(turn, run, command)
    elif command.outcome == "cancelled":
        end_run_as_reported(turn, run, State.KILLED, command)
    elif command.unserved:
        _failed(turn, run, command)
    else:
        _note_start(turn, run, command)
        if command.outcome == "succeeded":
            end_run_as_reported(turn, run, _success(turn, run), command)
        elif command.outcome == "warned":
            end_run_as_reported(turn, run, mapped(State.WARNING, turn.node_of(run)), command)
        else:
            _failed(turn, run, command)


def _within_limits(turn: Turn, command: AttemptEnded) -> AttemptEnded:
    """Drop outputs that are too large. Workers put those into storage, and one that does not must not stop the partition."""
    if len(encode(command.errors)) > ERRORS_BYTES:
        command = msgspec.structs.replace(command, errors=[])
    if len(command.message) > REASON_CHARS:
        command = msgspec.structs.replace(command, message=cut(command.message))
    size = len(encode(command.outputs)) if command.outputs else 0
    if size <= OUTPUT_BYTES:
        turn.weigh(size)
        return command
    message = (
        f"The outputs are larger than {OUTPUT_BYTES:,} bytes and did not come by reference: they are dropped"
    )
    outcome: Outcome = "failed" if command.outcome in ("succeeded", "warned") else command.outcome
    return msgspec.structs.replace(command, outputs={}, outcome=outcome, message=message)


def _present(turn: Turn, command: AttemptStarted | AttemptEnded) -> TaskRun | None:
    run = turn.execution.runs.get(command.task_run_id)
    if run is None or run.attempt != command.attempt or run.children is not None:
        return None
    return run if run.state is State.SUBMITTED or run.state is State.RUNNING else None


def _note_start(turn: Turn, run: TaskRun, command: AttemptEnded) -> None:
    if run.state is State.SUBMITTED:
        turn.emit(
            TaskRunStarted,
            task_run_id=run.id,
            attempt=run.attempt,
            started_at=command.started_at if command.started_at is not None else command.at,
            worker_id=command.worker_id,
        )


def _success(turn: Turn, run: TaskRun) -> State:
    """Return SUCCESS, or WARNING with ``warningOnRetry`` at the second attempt or later."""
    node = turn.node_of(run)
    policy = node.retry
    if policy is not None and policy.warning_on_retry and run.attempt - run.losses > 1:
        return mapped(State.WARNING, node)
    return State.SUCCESS


def _lost(turn: Turn, run: TaskRun, command: AttemptEnded) -> None:
    if turn.execution.state is State.KILLING:
        end_run_as_reported(turn, run, State.KILLED, command)
    elif (
        run.parent is not None and (shared := run.parent.directory) is not None and shared.losses < MAX_LOSSES
    ):
        begin_again(turn, run.parent)
    elif shared_by(run) is None and run.losses < MAX_LOSSES:
        resubmit(turn, run)
    else:
        _note_start(turn, run, command)
        shared = shared_by(run)
        losses = run.losses if shared is None else shared.losses
        turn.log("ERROR", f"{losses + 1} attempts were lost with their workers: giving up", run)
        end_run_as_reported(turn, run, mapped(State.FAILED, turn.node_of(run)), command)


def _failed(turn: Turn, run: TaskRun, command: AttemptEnded) -> None:
    verdict = retry_of(turn, run, command.at)
    match verdict:
        case NextAttempt(due):
            turn.emit(
                TaskRunRetrying,
                task_run_id=run.id,
                attempt=run.attempt,
                outcome=command.outcome,
                ended_at=command.at,
                next_at=due,
                message=command.message,
                errors=command.errors,
                log_uri=command.log_uri,
            )
            turn.timer(f"retry/{turn.execution.id}/{run.id}", due)
        case NewExecution(due):
            _retry_as_new_execution(turn, run, command, due)
        case NoRetry():
            end_run_as_reported(turn, run, mapped(State.FAILED, turn.node_of(run)), command)


def _retry_as_new_execution(turn: Turn, failed: TaskRun, report: AttemptEnded, due: Millis) -> None:
    """End the failed run and its ancestors RETRIED. Withdraw and kill the runs beside it."""
    end_run_as_reported(turn, failed, State.RETRIED, report)
    end_with_open_runs(
        turn,
        ExecutionEnding(
            execution_id=turn.execution.id,
            state=State.RETRIED,
            runs=State.KILLED,
            retried=failed.id,
            successor_at=due,
        ),
    )
