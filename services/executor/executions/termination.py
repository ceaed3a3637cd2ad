"""The one way to end a task run or an execution. So what follows is always looked at, and slot and trigger are always
freed."""

from __future__ import annotations

from contracts.execution import (
    AttemptEnded,
    ChildEnded,
    ErrorLine,
    ExecutionEnded,
    KillExecution,
    TaskRunEnded,
)
from contracts.history import OUTCOME_STATES
from contracts.language.types.behaviour import RenderingFailed
from contracts.limit import ReleaseSlot
from contracts.scalars import JsonObject, attempt_id
from contracts.states import State
from contracts.trigger import UnlockTrigger
from contracts.work import WithdrawAttempt
from services.executor.executions.directory import discard
from services.executor.executions.evaluation import ask, close
from services.executor.executions.event import AfterExecutionDue, Ending
from services.executor.executions.group import named
from services.executor.executions.hearing import heard_by
from services.executor.executions.inbox import stop
from services.executor.executions.rendering.outputs import flow_outputs
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn, cut

ERROR_CHARS = 2_000
_OF_ITS_OWN = {name: OUTCOME_STATES[name] for name in ("succeeded", "warned", "failed", "timed_out")}
"""The states that attempts gave by themselves, whatever becomes of the run."""
WITH_OUTPUTS = frozenset({State.SUCCESS, State.WARNING, State.FAILED})


def end_run(
    turn: Turn, run: TaskRun, state: State, outputs: JsonObject | None = None, *, spares: bool = False
) -> None:
    """End a run without a report of an attempt. What is above it is looked at next.

    ``outputs``: those that it has from now on. ``spares``: flows that it started go on."""
    if run.wake_at is not None:
        turn.timer(wake_timer(turn, run), None)
    drop_deadline(turn, run)
    if run.retry_at is not None:
        turn.timer(f"retry/{turn.execution.id}/{run.id}", None)
    kill_children(turn, run, spares=spares)
    close(turn, run.id)
    discard(turn, run)
    turn.emit(
        TaskRunEnded,
        task_run_id=run.id,
        state=state,
        attempt=run.attempt,
        ended_at=turn.at,
        outputs=outputs or {},
    )
    turn.look_at(run.parent)


def kill_children(turn: Turn, run: TaskRun, *, spares: bool = False) -> None:
    """Kill the child executions that the run waits for. They tell when they have ended. ``spares``: only iterations of loops."""
    family = run.children.family if run.children is not None else None
    if spares and family is not None and _runs_flow(turn, run):
        return
    for child_id in family.open.values() if family is not None else ():
        turn.send("executions.commands", child_id, KillExecution(execution_id=child_id, at=turn.at))


def _runs_flow(turn: Turn, run: TaskRun) -> bool:
    flowable = turn.node_of(run).flowable
    return flowable is not None and flowable.children is not None and flowable.children.flow is not None


def deadline_timer(turn: Turn, run: TaskRun) -> str:
    """Return the name of the timer that ends a flowable."""
    return f"deadline/{turn.execution.id}/{run.id}"


def drop_deadline(turn: Turn, run: TaskRun) -> None:
    if run.deadline is not None:
        turn.timer(deadline_timer(turn, run), None)


def wake_timer(turn: Turn, run: TaskRun) -> str:
    """Return the name of the timer that lets a waiting flowable go on."""
    return f"wake/{turn.execution.id}/{run.id}"


def end_run_as_reported(turn: Turn, run: TaskRun, state: State, report: AttemptEnded) -> None:
    """End a run with the results of its last attempt."""
    turn.emit(
        TaskRunEnded,
        task_run_id=run.id,
        state=state,
        attempt=run.attempt,
        ended_at=report.at,
        outputs=report.outputs,
        outputs_uri=report.outputs_uri,
        message=report.message,
        errors=report.errors if state in (State.FAILED, State.WARNING) else [],
        log_uri=report.log_uri,
        outcome=report.outcome if _OF_ITS_OWN.get(report.outcome, state) is not state else None,
    )
    turn.look_at(run.parent)


def end_run_with_reason(turn: Turn, run: TaskRun, state: State, reason: str) -> None:
    """End a run because the engine itself found an error, and log the reason."""
    close(turn, run.id)
    discard(turn, run)
    drop_deadline(turn, run)
    turn.emit(
        TaskRunEnded,
        task_run_id=run.id,
        state=state,
        attempt=run.attempt,
        ended_at=turn.at,
        message=cut(reason),
        errors=[ErrorLine(turn.at, reason[:ERROR_CHARS])],
    )
    turn.log("ERROR", reason, run)
    turn.look_at(run.parent)


def withdraw(turn: Turn, run: TaskRun) -> None:
    """Ask whoever sent its attempt to stop it. An answer comes in any case, even if the attempt has not begun."""
    if stop(turn, attempt_id(run.id, run.attempt)):
        return
    group = named(turn, run.group)
    command = WithdrawAttempt(
        group=group,
        execution_id=turn.execution.id,
        task_run_id=run.id,
        attempt=run.attempt,
        at=turn.at,
    )
    turn.send("dispatch.commands", group, command)


def end_execution(turn: Turn, state: State, reason: str = "", *, with_outputs: bool = True) -> None:
    """End the execution in ``state``. Rendering its outputs may still make that FAILED. ``afterExecution`` is next.

    If only a worker can render the outputs, the execution ends with the answer, and nothing ends yet."""
    execution = turn.execution
    ran = execution.histories[-1].state is not State.CREATED and bool(execution.runs)
    outputs: JsonObject = {}
    if with_outputs and ran and state in WITH_OUTPUTS and turn.known:
        try:
            outputs = flow_outputs(turn, state)
        except AnswerNeeded as needed:
            ask(turn, None, "outputs", needed.asked, Ending(state, reason))
            return
        except RenderingFailed as failure:
            state, reason = State.FAILED, f"Failed to render output values: {failure}"
    close(turn, "")
    heard = heard_by(turn, state) if ran and turn.known else []
    if ran and turn.known and turn.blueprint.after(heard):
        turn.note(AfterExecutionDue(execution_id=execution.id, heard=heard))
    turn.emit(ExecutionEnded, state=state, outputs=outputs, reason=cut(reason))
    if reason:
        turn.log("ERROR", reason)
    _release(turn, state, outputs)
    if execution.lingers:
        turn.look_at(None)


def tell_parent(turn: Turn, state: State, outputs: JsonObject) -> None:
    """Tell the run that waits for this execution. One that is retried as another execution leaves that to it."""
    execution = turn.execution
    parent = execution.parent
    if parent is None or not parent.waits or state is State.RETRIED:
        return
    ended = ChildEnded(
        execution_id=parent.execution_id,
        task_run_id=parent.task_run_id,
        index=parent.index,
        child_id=execution.id,
        state=state,
        at=turn.at,
        outputs=outputs,
        attempt=parent.attempt,
    )
    turn.send("executions.commands", parent.execution_id, ended)


def _release(turn: Turn, state: State, outputs: JsonObject) -> None:
    execution = turn.execution
    tell_parent(turn, state, outputs)
    if execution.limit_key is not None:
        turn.send(
            "limits.commands",
            execution.limit_key,
            ReleaseSlot(limit_key=execution.limit_key, execution_id=execution.id, at=turn.at),
        )
    if execution.trigger_key is not None:
        namespace, flow_id, trigger_id = (*execution.trigger_key.split("/", 2), "", "")[:3]
        turn.send(
            "triggers.commands",
            execution.trigger_key,
            UnlockTrigger(
                namespace=namespace,
                flow_id=flow_id,
                trigger_id=trigger_id,
                at=turn.at,
                execution_id=execution.id,
                state=state,
            ),
        )
    for sla in turn.blueprint.plan.flow.sla if turn.known else ():
        if sla.duration is not None:
            turn.timer(f"sla/{execution.id}/{sla.id}", None)
    if execution.scheduled_at is not None and execution.scheduled_at > turn.at:
        turn.timer(f"start/{execution.id}", None)
    for run in execution.runs.values() if execution.retrying else ():
        if run.retry_at is not None:
            turn.timer(f"retry/{execution.id}/{run.id}", None)
