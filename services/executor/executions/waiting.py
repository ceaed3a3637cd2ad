"""Flowables that wait: in a pause, until somebody resumes it or for a time, and between two rounds. And the pause of a whole execution.

A timer lets a run go on. It is bound to this wait: it counts only if the run still waits for that date.
"""

from __future__ import annotations

from contracts.execution import (
    ChildPaused,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    TaskRunPaused,
    TaskRunRepeated,
    TaskRunResumed,
)
from contracts.language.types.behaviour import Again, Pause
from contracts.scalars import JsonObject, to_iso
from contracts.states import State
from services.executor.executions.event import RoundEnded
from services.executor.executions.state import TaskRun
from services.executor.executions.submission import resubmit
from services.executor.executions.termination import wake_timer
from services.executor.executions.turn import Turn


def pause_run(turn: Turn, run: TaskRun, pause: Pause) -> None:
    """Let a run wait before its tasks begin. The execution is PAUSED, too; other branches go on."""
    until = None if pause.milliseconds is None else turn.at + pause.milliseconds
    turn.emit(TaskRunPaused, task_run_id=run.id, until=until, then=pause.then)
    if until is not None:
        turn.timer(wake_timer(turn, run), until)
    _note_paused(turn)


def wait_for_round(turn: Turn, run: TaskRun, again: Again) -> None:
    """Let a run wait between two rounds."""
    until = turn.at + again.milliseconds
    if again.paused:
        turn.emit(TaskRunPaused, task_run_id=run.id, until=until)
        _note_paused(turn)
    else:
        turn.note(RoundEnded(execution_id=turn.execution.id, task_run_id=run.id, until=until))
    turn.timer(wake_timer(turn, run), until)


def wake(turn: Turn, run: TaskRun) -> None:
    """The time of a wait is over."""
    if run.wake_at is None or run.wake_at > turn.at:
        return
    if repeats(turn, run):
        next_round(turn, run)
    else:
        assert run.then is not None
        resume_run(turn, run, run.then, {"resumed": resumed(turn, run.then)})


def resume_run(turn: Turn, run: TaskRun, then: State, outputs: JsonObject) -> None:
    """End the pause of a run. Its tasks, if it has any, are next."""
    if run.wake_at is not None:
        turn.timer(wake_timer(turn, run), None)
    turn.emit(TaskRunResumed, task_run_id=run.id, outputs={**run.outputs, **outputs}, then=then)
    turn.look_at(run)
    leave_pause(turn)


def next_round(turn: Turn, run: TaskRun) -> None:
    """Remove the runs of the last round, and begin again."""
    execution = turn.execution
    if run.wake_at is not None:
        turn.timer(wake_timer(turn, run), None)
    removed = _below(turn, run)
    outputs = {**run.outputs, "iterationCount": run.round + 1}
    turn.weigh(sum(map(len, removed)))
    turn.emit(TaskRunRepeated, task_run_id=run.id, removed=removed, outputs=outputs)
    if execution.state is State.PAUSED and not execution.paused and not execution.held:
        turn.emit(ExecutionStarted)
    turn.look_at(run)


def repeats(turn: Turn, run: TaskRun) -> bool:
    flowable = turn.node_of(run).flowable
    return flowable is not None and flowable.after_round is not None


def resumed(turn: Turn, then: State, by: str = "") -> JsonObject:
    """Return the output that says how a pause ended."""
    return {**({"by": by} if by else {}), "on": to_iso(turn.at), "to": then.value}


def leave_pause(turn: Turn, *, release: bool = False) -> None:
    """Go on if no run is paused any more. With ``release``, end the pause of the whole execution."""
    execution = turn.execution
    if execution.state is not State.PAUSED or (execution.held and not release):
        return
    held = execution.held
    if execution.paused and not held:
        return
    turn.emit(ExecutionResumed)
    turn.emit(ExecutionStarted)
    if held:
        begin_what_came_due(turn)
    if execution.paused:
        turn.emit(ExecutionPaused)


def begin_what_came_due(turn: Turn) -> None:
    """Begin everything that came due while the execution was held."""
    runs = list(turn.execution.runs.values())
    turn.look_at(None, *(run for run in runs if run.children is not None and not run.ended))
    for run in runs:
        if run.state is State.RETRYING and run.retry_at is not None and run.retry_at <= turn.at:
            if run.children is None:
                resubmit(turn, run)
            else:
                turn.timer(f"retry/{turn.execution.id}/{run.id}", turn.at)
    for evaluation in turn.execution.evaluations.values():
        if not evaluation.out:
            turn.timer(f"resume/{turn.execution.id}/{evaluation.task_run_id}", turn.at)


def is_held(turn: Turn) -> bool:
    """Return whether somebody must resume this execution. A wait between two rounds does not count."""
    execution = turn.execution
    if execution.state is not State.PAUSED:
        return False
    return execution.held or any(
        run.state is State.PAUSED and not repeats(turn, run) for run in execution.runs.values()
    )


def tell_of_pause(turn: Turn) -> None:
    """Tell the run that waits for this execution if it was paused, or goes on."""
    execution, parent = turn.execution, turn.execution.parent
    if parent is None or not parent.waits or execution.ended or not turn.known:
        return
    held = is_held(turn)
    if held is turn.was_held:
        return
    told = ChildPaused(
        execution_id=parent.execution_id,
        task_run_id=parent.task_run_id,
        index=parent.index,
        child_id=execution.id,
        paused=held,
        at=turn.at,
        attempt=parent.attempt,
    )
    turn.send("executions.commands", parent.execution_id, told)


def _note_paused(turn: Turn) -> None:
    if turn.execution.state in (State.RUNNING, State.RETRYING):
        turn.emit(ExecutionPaused)


def _below(turn: Turn, owner: TaskRun) -> list[str]:
    """Return the ids of all runs below this one, the deepest first."""
    below: set[str] = {owner.id}
    found: list[str] = []
    for run in turn.execution.runs.values():  # parents come before their children
        if run.parent is not None and run.parent.id in below:
            below.add(run.id)
            found.append(run.id)
    found.reverse()
    return found
