"""Begins a task run: evaluates its ``runIf``, then submits a runnable task or opens a flowable."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.codec import encode
from contracts.execution import TaskRunCreated, TaskRunOpened, TaskRunSubmitted
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import Deadline, Next, Opening, RenderingFailed
from contracts.scalars import derive_id
from contracts.states import State
from services.executor.executions.blueprint import lists_of
from services.executor.executions.children import open_family
from services.executor.executions.deadline import timeout_of, watch
from services.executor.executions.evaluation import ask, close
from services.executor.executions.event import LimitSet
from services.executor.executions.group import group_of
from services.executor.executions.in_place import decide_in_place, take
from services.executor.executions.outcome import mapped
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.rendering.template import RunRendering, holds
from services.executor.executions.state import TaskRun
from services.executor.executions.submission import ready_attempt, submit
from services.executor.executions.suspension import is_breakpoint, suspend
from services.executor.executions.termination import end_run, end_run_with_reason
from services.executor.executions.turn import Turn
from services.executor.executions.values import Written, opened, size_of, written
from services.executor.executions.waiting import pause_run

OPENING_BYTES = 500_000
"""The limit of what a flowable knows from its start."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a flowable knows from its start, and how the journal will hold its values."""

    opening: Opening
    timeout: Deadline | None
    values: Written | None
    size: int
    """What this takes of a record."""


def begin(turn: Turn, parent: TaskRun | None, following: Next[Node]) -> None:
    """Create the task run below its parent. It may already have ended on return: skipped, or its rendering failed."""
    turn.budget -= 1
    _decide(turn, following.node, _provisional(turn, parent, following))


def go_on(turn: Turn, run: TaskRun) -> None:
    """Begin a run that exists: it waited for an answer, or a restart left it."""
    turn.budget -= 1
    _decide(turn, turn.node_of(run), run)


def _decide(turn: Turn, node: Node, run: TaskRun) -> None:
    """Skip, submit or open the run, fail it, or let it wait for what only a worker can render."""
    try:
        if not run.attempt and node.run_if is not None and not holds(turn, node, run, node.run_if):
            _end(turn, run, State.SKIPPED)
        elif is_breakpoint(turn, run):
            suspend(turn, run if _exists(turn, run) else _create(turn, run, State.CREATED))
        elif node.flowable is None:
            _submit(turn, node, run)
        else:
            _open(turn, run, opened_of(turn, node, run))
    except AnswerNeeded as needed:
        _wait(turn, run, needed)
    except RenderingFailed as failure:
        _end(turn, run, mapped(State.FAILED, node), str(failure))


def _wait(turn: Turn, run: TaskRun, needed: AnswerNeeded) -> None:
    """The run is CREATED until the answer comes."""
    turn.make_room(needed.asked.size)
    run = run if _exists(turn, run) else _create(turn, run, State.CREATED)
    ask(turn, run, "begin", needed.asked)


def _exists(turn: Turn, run: TaskRun) -> bool:
    return run.id in turn.execution.runs


def _provisional(turn: Turn, parent: TaskRun | None, following: Next[Node]) -> TaskRun:
    """Return the run as its own templates see it before it exists."""
    execution, task_id = turn.execution, following.node.id
    parts = [execution.id, task_id, parent.id if parent is not None else ""]
    if following.iteration is not None:
        parts.append(str(following.iteration))
    if parent is not None and parent.round > 1:
        parts.append(f"round {parent.round}")
    if parent is not None and parent.directory is not None and parent.directory.losses:
        parts.append(f"directory {parent.directory.losses}")  # those of the lost one were removed
    if (
        execution.attempt_number > 1
    ):  # runs that a restart removed return, and late reports of the old ones must not match
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


def _create(
    turn: Turn, run: TaskRun, state: State, opening: Opening | None = None, group: str = ""
) -> TaskRun:
    turn.emit(
        TaskRunCreated,
        task_run_id=run.id,
        task_id=run.task_id,
        state=state,
        parent_task_run_id=run.parent.id if run.parent is not None else None,
        value=run.value,
        iteration=run.iteration,
        outputs=opening.outputs if opening is not None else {},
        group=group,
    )
    return turn.execution.runs[run.id]


def _submit(turn: Turn, node: Node, run: TaskRun) -> None:
    prepared, attempt = turn.blueprint.prepared(node), run.attempt + 1
    decided = decide_in_place(turn, prepared, run, attempt)
    if decided is not None:
        turn.make_room(decided.size)
        _becomes_submitted(turn, run, attempt, "")
        take(turn, decided)
        return
    group = group_of(turn, node, run)
    ready = ready_attempt(turn, prepared, run, attempt, group)
    turn.make_room(len(ready.payload))
    submit(turn, _becomes_submitted(turn, run, attempt, group), ready)


def _becomes_submitted(turn: Turn, run: TaskRun, attempt: int, group: str) -> TaskRun:
    if not _exists(turn, run):
        return _create(turn, run, State.SUBMITTED, group=group)
    close(turn, run.id)
    turn.emit(TaskRunSubmitted, task_run_id=run.id, attempt=attempt, group=group)
    return run


def opened_of(turn: Turn, node: Node, run: TaskRun) -> Opened:
    """Return what the flowable knows from its start, and its timeout. Raise RenderingFailed if a template fails."""
    assert node.flowable is not None
    rendering = RunRendering(turn, node, run)
    timeout = timeout_of(node, rendering)
    opening = node.flowable.opening(node.compiled, rendering)
    size = len(encode(opening.outputs))
    if size > OPENING_BYTES:
        raise RenderingFailed(f"The values have {size:,} bytes, but the limit is {OPENING_BYTES:,}")
    values = written(opening.values, turn.setting.write_version) if opening.values is not None else None
    return Opened(opening, timeout, values, size + (size_of(values) if values is not None else 0))


def _open(turn: Turn, run: TaskRun, known: Opened) -> None:
    turn.make_room(known.size)
    opening = known.opening
    if _exists(turn, run):
        close(turn, run.id)
        turn.emit(TaskRunOpened, task_run_id=run.id, outputs=opening.outputs)
    else:
        run = _create(turn, run, State.RUNNING, opening)
    watch(turn, run, opening, known.timeout)
    note_limit(turn, run, opening)
    flowable = turn.node_of(run).flowable
    if known.values is not None and flowable is not None and flowable.children is not None:
        open_family(turn, run, known.values)
    elif known.values is not None:
        open_loop(turn, run, known.values)
    if opening.pause is not None:
        pause_run(turn, run, opening.pause)
    turn.look_at(run)


def note_limit(turn: Turn, run: TaskRun, opening: Opening) -> None:
    if opening.limit is not None:
        turn.note(LimitSet(execution_id=turn.execution.id, task_run_id=run.id, limit=opening.limit))


def open_loop(turn: Turn, run: TaskRun, values: Written) -> None:
    turn.weigh(size_of(values))
    body = [child.id for child in lists_of(turn.node_of(run), run).main]
    for event in opened(turn.execution.id, run.id, values, body):
        turn.note(event)


def _end(turn: Turn, run: TaskRun, state: State, reason: str = "") -> None:
    """End the run, and create it first if needed. An allowed failure is WARNING, in which no new run ends that was not RUNNING."""
    if not _exists(turn, run):
        run = _create(turn, run, State.CREATED if state in (State.SKIPPED, State.FAILED) else State.RUNNING)
    if reason:
        end_run_with_reason(turn, run, state, reason)
    else:
        end_run(turn, run, state)
