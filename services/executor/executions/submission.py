"""Submits an attempt: its payload, and the command to dispatch."""

from __future__ import annotations

from contracts.address import address_of
from contracts.codec import encode
from contracts.execution import TaskRunSubmitted
from contracts.language.types.behaviour import RenderingFailed
from contracts.states import State
from contracts.work import RunAttempt
from services.executor.executions.blueprint import Prepared
from services.executor.executions.directory import shared_by, use_of
from services.executor.executions.group import named, waits
from services.executor.executions.in_place import decide_in_place, take
from services.executor.executions.inbox import Ready, hand_out, place
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
        ready = ready_attempt(turn, prepared, run, attempt, run.group)
    except RenderingFailed as failure:
        end_run_with_reason(turn, run, State.FAILED, str(failure))
        return
    turn.emit(TaskRunSubmitted, task_run_id=run.id, attempt=attempt, group=run.group)
    submit(turn, run, ready)


def ready_attempt(turn: Turn, prepared: Prepared, run: TaskRun, attempt: int, group: str) -> Ready:
    """Return all that a worker needs. Raise RenderingFailed if that is too much."""
    execution, node = turn.execution, prepared.node
    light = turn.setting.is_light(node.task.type) and shared_by(run) is None
    lease = place(turn, named(turn, group), light=light)
    variables, references = variables_of(turn, prepared, run, attempts=attempt - 1)
    message = RunAttempt(
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
        lease=lease.ref if lease is not None else None,
        directory=use_of(run),
    )
    payload = encode(message)
    if len(payload) > ATTEMPT_BYTES:
        raise RenderingFailed(
            f"The values that this task's templates refer to are too large to be sent: {len(payload):,} bytes, but the "
            f"limit is {ATTEMPT_BYTES:,}. Pass files or narrow the expressions"
        )
    return Ready(message, payload, lease, light)


def submit(turn: Turn, run: TaskRun, ready: Ready) -> None:
    """Hand out the attempt of a run that is SUBMITTED now."""
    shared = shared_by(run)
    there = shared.worker_id if shared is not None else ""
    wait = waits(turn, turn.node_of(run))
    hand_out(turn, ready, named(turn, run.group), wait=wait, worker_id=there)
