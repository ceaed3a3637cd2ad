"""Makes the directory that the tasks of a flowable share, keeps its files at the end, and begins again when its worker is lost
(docs/language/tasks.md#working-directory).

A worker does each step as an attempt of the flowable's run. Its number is a fence, as that of a task's attempt is."""

from __future__ import annotations

from contracts.codec import encode
from contracts.execution import AttemptEnded, TaskRunRepeated
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from contracts.states import State
from services.executor.executions.directory import ask, next_number, remove, step_attempt
from services.executor.executions.event import DirectoryAsked, DirectoryEntered, DirectoryGone
from services.executor.executions.group import group_of, waits
from services.executor.executions.outcome import mapped
from services.executor.executions.rendering.variables import variables_of
from services.executor.executions.state import TaskRun
from services.executor.executions.submission import ATTEMPT_BYTES
from services.executor.executions.termination import end_run, end_run_as_reported, end_run_with_reason
from services.executor.executions.turn import Turn

MAX_LOSSES = 5
"""How many attempts of one run may be lost with their workers. After that the task probably crashes them itself."""


def may_begin(turn: Turn, owner: TaskRun, node: Node) -> bool:
    """Return whether the directory is there. If it is not, a worker is asked to make it."""
    if node.flowable is None or node.flowable.keeps_files is None:
        return True
    shared = owner.directory
    if shared is not None and (shared.worker_id or shared.step):
        return bool(shared.worker_id) and not shared.step
    _ask(turn, owner, node, "enter")
    return False


def may_end(turn: Turn, owner: TaskRun, node: Node, state: State) -> bool:
    """Return whether nothing of the directory is to be kept. Else its worker is asked to keep it, and the run ends in that state
    with the answer."""
    flowable, shared = node.flowable, owner.directory
    if flowable is None or flowable.keeps_files is None or shared is None:
        return True
    if shared.step:
        return False
    if state is State.KILLED or not shared.worker_id or not flowable.keeps_files(node.compiled):
        return True
    _ask(turn, owner, node, "leave", state)
    return False


def _ask(turn: Turn, owner: TaskRun, node: Node, step: str, then: State | None = None) -> None:
    """Nothing is noted if the group of workers must be asked for first."""
    group = owner.directory.group if owner.directory is not None else group_of_owner(turn, owner, node)
    if group is None:
        return
    number = next_number(turn, owner)
    prepared = turn.blueprint.prepared(node)
    variables, references = variables_of(turn, prepared, owner)
    attempt = step_attempt(
        turn,
        owner,
        number,
        "enter" if step == "enter" else "leave",
        {"task": prepared.raw, "variables": variables, "references": references},
    )
    payload = encode(attempt)
    if len(payload) > ATTEMPT_BYTES:
        reason = f"The values that this task's templates refer to have {len(payload):,} bytes, but the limit is {ATTEMPT_BYTES:,}"
        end_run_with_reason(turn, owner, mapped(State.FAILED, node), reason)
        return
    turn.make_room(len(payload))
    asked = DirectoryAsked(
        execution_id=turn.execution.id,
        task_run_id=owner.id,
        attempt=number,
        step="enter" if step == "enter" else "leave",
        group=group,
        then=then,
    )
    ask(turn, owner, asked, payload, wait=waits(turn, node))


def group_of_owner(turn: Turn, owner: TaskRun, node: Node) -> str | None:
    try:
        return group_of(turn, node, owner)
    except RenderingFailed as failure:
        end_run_with_reason(turn, owner, mapped(State.FAILED, node), str(failure))
        return None


def answered_by(turn: Turn, command: AttemptEnded) -> TaskRun | None:
    """Return the run whose directory this is about, if the step is the present one."""
    run = turn.execution.runs.get(command.task_run_id)
    if run is None or run.directory is None or not run.directory.step:
        return None
    return run if run.directory.attempt == command.attempt else None


def visited(turn: Turn, owner: TaskRun, command: AttemptEnded) -> None:
    """Take the end of a step."""
    shared, node = owner.directory, turn.node_of(owner)
    assert shared is not None
    killing = turn.execution.state is State.KILLING
    if command.outcome == "lost" and not killing and shared.losses < MAX_LOSSES:
        begin_again(turn, owner)
    elif command.outcome in ("lost", "cancelled") and killing:
        _forget(turn, owner)
        end_run(turn, owner, State.KILLED)
    elif command.outcome not in ("succeeded", "warned"):
        _forget(turn, owner)
        state = State.KILLED if command.outcome == "cancelled" else State.FAILED
        end_run_as_reported(turn, owner, mapped(state, node), command)
    elif shared.step == "enter":
        entered = DirectoryEntered(
            execution_id=turn.execution.id, task_run_id=owner.id, worker_id=command.worker_id
        )
        turn.note(entered)
        turn.look_at(owner)
    else:
        assert shared.then is not None
        end_run_as_reported(turn, owner, State.KILLED if killing else shared.then, command)


def begin_again(turn: Turn, owner: TaskRun) -> None:
    """The worker is lost, and the files with it. Remove the runs of all tasks, and begin with another directory."""
    below = [run for run in turn.execution.runs.values() if run.parent is owner]
    for run in below:
        if not run.ended:
            end_run(turn, run, State.KILLED)
    remove(turn, owner)
    _forget(turn, owner)
    turn.emit(TaskRunRepeated, task_run_id=owner.id, removed=[run.id for run in below], outputs=owner.outputs)
    turn.log("WARN", "The worker with the working directory is gone: all tasks in it run again", owner)
    turn.look_at(owner)


def _forget(turn: Turn, owner: TaskRun) -> None:
    shared = owner.directory
    assert shared is not None
    turn.note(DirectoryGone(execution_id=turn.execution.id, task_run_id=owner.id, attempt=shared.attempt + 1))
