"""Asks a worker to render what the executor cannot, and keeps who waits for it (docs/language/expressions.md#impure).

An *evaluate* attempt goes to workers like any other, but runs no task. Its number is a fence, as that of a task's attempt is: only the
present one may answer. There is at most one at a time for a run, and for the execution itself.
"""

from __future__ import annotations

import msgspec

from contracts.address import address_of
from contracts.codec import encode
from contracts.execution import ResumeExecution
from contracts.scalars import attempt_id, derive_id
from contracts.work import RunAttempt, WithdrawAttempt
from services.executor.executions.event import Ending, EvaluationAsked, EvaluationClosed, Purpose
from services.executor.executions.group import group_to_ask, waits
from services.executor.executions.inbox import Ready, hand_out, place, stop
from services.executor.executions.lease import Lease
from services.executor.executions.rendering.question import Asked
from services.executor.executions.state import Evaluation, TaskRun
from services.executor.executions.turn import Turn

TIMEOUT = "PT1M"
"""For all templates of one attempt together."""


def ask(
    turn: Turn,
    run: TaskRun | None,
    purpose: Purpose,
    asked: Asked,
    then: Ending | ResumeExecution | None = None,
) -> None:
    """Ask for a run in memory, or for the execution itself (None). What was asked before is awaited first."""
    execution = turn.execution
    task_run_id = run.id if run is not None else ""
    known = execution.evaluations.get(task_run_id)
    if known is not None and known.out:
        return
    group = group_to_ask(turn, run)
    turn.note(
        EvaluationAsked(
            execution_id=execution.id,
            task_run_id=task_run_id,
            evaluation_id=known.id if known is not None else _id(turn, task_run_id),
            attempt=known.attempt + 1 if known is not None else 1,
            purpose=purpose,
            group=group,
            questions=list(asked.questions),
            ending=then if isinstance(then, Ending) else None,
            command=then if isinstance(then, ResumeExecution) else None,
        )
    )
    evaluation = execution.evaluations[task_run_id]
    lease = place(turn, group, light=True)
    message = _attempt(turn, run, evaluation, asked, lease)
    wait = waits(turn, turn.node_of(run) if run is not None else None)
    hand_out(turn, Ready(message, encode(message), lease, light=True), group, wait=wait)


def _id(turn: Turn, task_run_id: str) -> str:
    """No two evaluations share one, because dispatch takes no attempt twice. A restart counts from the beginning."""
    execution = turn.execution
    return derive_id(
        "evaluation", execution.id, task_run_id, str(execution.asked), str(execution.attempt_number)
    )


def _attempt(
    turn: Turn, run: TaskRun | None, evaluation: Evaluation, asked: Asked, lease: Lease | None
) -> RunAttempt:
    execution = turn.execution
    return RunAttempt(
        execution_id=execution.id,
        task_run_id=evaluation.id,
        attempt=evaluation.attempt,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        task_id=run.task_id if run is not None else "",
        task_type=turn.node_of(run).task.type if run is not None else "",
        task=msgspec.Raw(b"{}"),
        variables=asked.variables,
        references=asked.references,
        timeout_template=TIMEOUT,
        trace_parent=execution.trace_parent,
        reply_to=address_of(None, execution.id),
        questions=list(asked.questions),
        lease=lease.ref if lease is not None else None,
    )


def close(turn: Turn, task_run_id: str) -> None:
    """Forget the answers of a run (empty: of the execution) that goes on or ends. Take back what is still out."""
    execution = turn.execution
    evaluation = execution.evaluations.get(task_run_id) if execution.evaluations else None
    if evaluation is None:
        return
    if evaluation.out:
        take_back(turn, evaluation)
    turn.note(EvaluationClosed(execution_id=execution.id, task_run_id=task_run_id))


def take_back(turn: Turn, evaluation: Evaluation) -> None:
    """Nobody waits for the answer any more, so no worker should begin."""
    if stop(turn, attempt_id(evaluation.id, evaluation.attempt)):
        return
    command = WithdrawAttempt(
        group=evaluation.group,
        execution_id=turn.execution.id,
        task_run_id=evaluation.id,
        attempt=evaluation.attempt,
        at=turn.at,
    )
    turn.send("dispatch.commands", evaluation.group, command)
