"""Submits an attempt: its payload, and the command to dispatch."""

from __future__ import annotations

import msgspec

from contracts.address import address_of
from contracts.codec import encode
from contracts.execution import TaskRunSubmitted
from contracts.language.types.behaviour import RenderingFailed
from contracts.states import State
from contracts.work import EnqueueAttempt, RunAttempt
from services.executor.executions.blueprint import Prepared
from services.executor.executions.directory import shared_by, use_of
from services.executor.executions.group import named, waits
from services.executor.executions.in_place import decide_in_place, take
from services.executor.executions.rendering.variables import variables_of
from services.executor.executions.state import TaskRun
from services.executor.executions.termination import end_run_with_reason
from services.executor.executions.turn import Turn

ATTEMPT_BYTES = 500_000
"""The limit of one attempt with its variables. It travels within other records, which may hold 900 KiB."""


def resubmit(turn: Turn, run: TaskRun) -> None:
    """Submit a further attempt to the same group, after a delay or a loss. Its ``runIf`` was true at the first one."""
    prepared, attempt = turn.blueprint.prepared(turn.node_of(run)), run.attempt + 1
    decided = decide_in_place(turn, prepared, run, attempt)
    if decided is not None:
        turn.emit(TaskRunSubmitted, task_run_id=run.id, attempt=attempt)
        take(turn, decided)
        return
    try:
        payload = attempt_payload(turn, prepared, run, attempt)
    except RenderingFailed as failure:
        end_run_with_reason(turn, run, State.FAILED, str(failure))
        return
    turn.emit(TaskRunSubmitted, task_run_id=run.id, attempt=attempt, group=run.group)
    enqueue(turn, run, payload)


def attempt_payload(turn: Turn, prepared: Prepared, run: TaskRun, attempt: int) -> bytes:
    """Return all that a worker needs. Raise RenderingFailed if that is too much."""
    execution, node = turn.execution, prepared.node
    variables, references = variables_of(turn, prepared, run, attempts=attempt - 1)
    payload = encode(
        RunAttempt(
            execution_id=execution.id,
            task_run_id=run.id,
            attempt=attempt,
            namespace=execution.namespace,
            flow_id=execution.flow_id,
            revision=execution.revision,
            task_id=run.task_id,
            task_type=node.task.type,
            task=prepared.raw,
            variables=variables,
            references=references,
            timeout_template=prepared.timeout,
            trace_parent=execution.trace_parent,
            reply_to=address_of(None, execution.id),
            directory=use_of(run),
        )
    )
    if len(payload) > ATTEMPT_BYTES:
        raise RenderingFailed(
            f"The values that this task's templates refer to are too large to be sent: {len(payload):,} bytes, but the "
            f"limit is {ATTEMPT_BYTES:,}. Pass files or narrow the expressions"
        )
    return payload


def enqueue(turn: Turn, run: TaskRun, payload: bytes) -> None:
    execution, group = turn.execution, named(turn, run.group)
    turn.weigh(len(payload))
    command = EnqueueAttempt(
        group=group,
        execution_id=execution.id,
        task_run_id=run.id,
        attempt=run.attempt,
        fair_key=f"{execution.namespace}/{execution.flow_id}",
        at=turn.at,
        run=msgspec.Raw(payload),
        wait=waits(turn, turn.node_of(run)),
        worker_id=shared.worker_id if (shared := shared_by(run)) is not None else "",
    )
    turn.send("dispatch.commands", group, command)
