"""The directory that the tasks of a WorkingDirectory share: who has it, and how it is given up.

It is on one worker. Its attempts are sent to that worker alone. Nobody waits for the removal: a worker that is gone has no directory.
"""

from __future__ import annotations

import msgspec

from contracts.address import address_of
from contracts.codec import encode
from contracts.scalars import JsonObject
from contracts.work import Directory, DirectoryStep, EnqueueAttempt, RunAttempt, WithdrawAttempt
from services.executor.executions.event import DirectoryAsked
from services.executor.executions.group import named
from services.executor.executions.state import SharedDirectory, TaskRun
from services.executor.executions.turn import Turn

NUMBERS = 1_000
"""Dispatch takes no attempt twice, so after a restart the numbers of a run's directory begin elsewhere."""


def shared_by(run: TaskRun) -> SharedDirectory | None:
    """Return the directory in which a task runs, if it shares one."""
    return run.parent.directory if run.parent is not None else None


def use_of(run: TaskRun) -> Directory | None:
    """Return what the attempt of a task says about its directory."""
    shared = shared_by(run)
    return Directory(shared.id) if shared is not None else None


def next_number(turn: Turn, owner: TaskRun) -> int:
    if owner.directory is not None and owner.directory.attempt:
        return owner.directory.attempt + 1
    return (turn.execution.attempt_number - 1) * NUMBERS + 1


def ask(turn: Turn, owner: TaskRun, asked: DirectoryAsked, payload: bytes, *, wait: bool) -> None:
    """Note the step, and hand it to dispatch."""
    turn.weigh(len(payload))
    turn.note(asked)
    _enqueue(turn, owner, asked.attempt, asked.group, payload, wait=wait)


def discard(turn: Turn, owner: TaskRun) -> None:
    """Give the directory up, whatever a worker does with it now."""
    stop(turn, owner)
    remove(turn, owner)


def remove(turn: Turn, owner: TaskRun) -> None:
    """Let its worker remove the directory. It may be gone already."""
    shared = owner.directory
    if shared is not None and shared.worker_id:
        number = shared.attempt + 1
        _enqueue(turn, owner, number, shared.group, _removal(turn, owner, number), wait=True)


def stop(turn: Turn, owner: TaskRun) -> None:
    """Stop the step that is out. Dispatch answers in any case."""
    shared = owner.directory
    if shared is None or not shared.step:
        return
    group = named(turn, shared.group)
    command = WithdrawAttempt(
        group=group, execution_id=turn.execution.id, task_run_id=owner.id, attempt=shared.attempt, at=turn.at
    )
    turn.send("dispatch.commands", group, command)


def step_attempt(
    turn: Turn, owner: TaskRun, number: int, step: DirectoryStep, more: JsonObject
) -> RunAttempt:
    """Return the attempt of a step. ``more`` is what only some steps need."""
    execution = turn.execution
    fields: JsonObject = {"task": msgspec.Raw(b"{}"), "variables": {}, **more}
    entered = f"{owner.id}.{number}" if step == "enter" or owner.directory is None else owner.directory.id
    return RunAttempt(
        execution_id=execution.id,
        task_run_id=owner.id,
        attempt=number,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        task_id=owner.task_id,
        task_type=turn.node_of(owner).task.type if turn.known else "",
        trace_parent=execution.trace_parent,
        reply_to=address_of(None, execution.id),
        directory=Directory(entered, step),
        **fields,
    )


def _removal(turn: Turn, owner: TaskRun, number: int) -> bytes:
    return encode(step_attempt(turn, owner, number, "discard", {}))


def _enqueue(  # noqa: PLR0913 - an attempt has all of these
    turn: Turn, owner: TaskRun, number: int, group: str, payload: bytes, *, wait: bool
) -> None:
    execution, name = turn.execution, named(turn, group)
    command = EnqueueAttempt(
        group=name,
        execution_id=execution.id,
        task_run_id=owner.id,
        attempt=number,
        fair_key=f"{execution.namespace}/{execution.flow_id}",
        at=turn.at,
        run=msgspec.Raw(payload),
        wait=wait,
        worker_id=owner.directory.worker_id if owner.directory is not None else "",
    )
    turn.send("dispatch.commands", name, command)
