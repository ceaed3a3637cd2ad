"""A task run begins: its ``runIf`` is asked, a runnable task goes to dispatch, a flowable one opens."""

from __future__ import annotations

import msgspec

from contracts.codec import encode
from contracts.execution import TaskRunCreated, TaskRunEnded, TaskRunSubmitted
from contracts.language.expression.template import is_truthy
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import Next, Opening, RenderingFailed
from contracts.scalars import derive_id
from contracts.states import State
from contracts.work import EnqueueAttempt, RunAttempt
from services.executor.executions.blueprint import Prepared, lists_of
from services.executor.executions.dump import pages
from services.executor.executions.event import LoopOpened
from services.executor.executions.outcome import mapped
from services.executor.executions.rendering.template import RunRendering, render
from services.executor.executions.rendering.variables import variables_of
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

ATTEMPT_BYTES = 500_000
"""Of one attempt with its variables; it travels within other records, which may hold 900 KiB."""


def begin(turn: Turn, parent: TaskRun | None, following: Next[Node]) -> None:
    """Create the task run below its parent. It may have ended when this returns: skipped, or failed to render."""
    turn.budget -= 1
    node = following.node
    run = _provisional(turn, parent, following)
    try:
        if node.run_if is not None and not is_truthy(render(turn, node, run, node.run_if)):
            _create_ended(turn, run, State.SKIPPED, "")
        elif node.flowable is None:
            _submit_first(turn, node, run)
        else:
            _open(turn, run, opening_of(turn, node, run))
    except RenderingFailed as failure:
        _create_ended(turn, run, mapped(State.FAILED, node), str(failure))


def _provisional(turn: Turn, parent: TaskRun | None, following: Next[Node]) -> TaskRun:
    """The run as its own templates see it before it exists."""
    execution, task_id = turn.execution, following.node.id
    parts = [execution.id, task_id, parent.id if parent is not None else ""]
    if following.iteration is not None:
        parts.append(str(following.iteration))
    if (
        execution.attempt_number > 1
    ):  # runs that a restart removed come again: their late reports must not match
        parts.append(f"restart {execution.attempt_number}")
    return TaskRun(
        id=derive_id(*parts),
        task_id=task_id,
        state=State.CREATED,
        created_at=turn.at,
        parent=parent,
        value=following.value,
        iteration=following.iteration,
    )


def _create(turn: Turn, run: TaskRun, state: State, opening: Opening | None = None) -> TaskRun:
    turn.emit(
        TaskRunCreated,
        task_run_id=run.id,
        task_id=run.task_id,
        state=state,
        parent_task_run_id=run.parent.id if run.parent is not None else None,
        value=run.value,
        iteration=run.iteration,
        outputs=opening.outputs if opening is not None else {},
    )
    return turn.execution.runs[run.id]


def _submit_first(turn: Turn, node: Node, run: TaskRun) -> None:
    prepared = turn.blueprint.prepared(node)
    payload = _attempt(turn, prepared, run, 1)
    run = _create(turn, run, State.SUBMITTED)
    _enqueue(turn, run, payload)


def resubmit(turn: Turn, run: TaskRun) -> None:
    """A further attempt: after a delay, a loss or a restart. Its ``runIf`` was true at the first."""
    try:
        payload = _attempt(turn, turn.blueprint.prepared(turn.node_of(run)), run, run.attempt + 1)
    except RenderingFailed as failure:
        end_run(turn, run, State.FAILED, str(failure))
        return
    turn.emit(TaskRunSubmitted, task_run_id=run.id, attempt=run.attempt + 1)
    _enqueue(turn, run, payload)


def _attempt(turn: Turn, prepared: Prepared, run: TaskRun, attempt: int) -> bytes:
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
        )
    )
    if len(payload) > ATTEMPT_BYTES:
        raise RenderingFailed(
            f"What the templates of this task refer to is too large to be sent: {len(payload):,} bytes, "
            f"{ATTEMPT_BYTES:,} are allowed. Pass files or narrow the expressions"
        )
    return payload


def _enqueue(turn: Turn, run: TaskRun, payload: bytes) -> None:
    execution, group = turn.execution, turn.setting.group
    turn.weigh(len(payload))
    command = EnqueueAttempt(
        group=group,
        execution_id=execution.id,
        task_run_id=run.id,
        attempt=run.attempt,
        fair_key=f"{execution.namespace}/{execution.flow_id}",
        at=turn.at,
        run=msgspec.Raw(payload),
    )
    turn.send("dispatch.commands", group, command)


def opening_of(turn: Turn, node: Node, run: TaskRun) -> Opening:
    """What the flowable knows from its start. Raises RenderingFailed."""
    assert node.flowable is not None
    return node.flowable.opening(node.compiled, RunRendering(turn, node, run))


def _open(turn: Turn, run: TaskRun, opening: Opening) -> None:
    run = _create(turn, run, State.RUNNING, opening)
    if opening.values is not None:
        open_loop(turn, run, opening)
    turn.todo.append(run)


def open_loop(turn: Turn, run: TaskRun, opening: Opening) -> None:
    assert opening.values is not None
    body = [child.id for child in lists_of(turn.node_of(run), run).main]
    for first, values in pages(opening.values):
        turn.weigh(sum(map(len, values)))
        turn.note(
            LoopOpened(
                execution_id=turn.execution.id,
                task_run_id=run.id,
                first=first,
                values=values,
                body=body,
            )
        )


def _create_ended(turn: Turn, run: TaskRun, state: State, message: str) -> None:
    """Created and ended in one: nothing was run. A failure that is allowed is WARNING, which only a RUNNING run ends in."""
    before = State.CREATED if state is State.SKIPPED or state is State.FAILED else State.RUNNING
    end_run(turn, _create(turn, run, before), state, message)


def end_run(turn: Turn, run: TaskRun, state: State, message: str = "") -> None:
    """Without an attempt having said so. Its parent is looked at next."""
    turn.emit(
        TaskRunEnded, task_run_id=run.id, state=state, attempt=run.attempt, ended_at=turn.at, message=message
    )
    if message:
        turn.log("ERROR", message, run)
    turn.todo.append(run.parent)
