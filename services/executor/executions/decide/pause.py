"""Pause and resume (docs/language/states.md#pause). An input that means nothing in the present state has no effect."""

from __future__ import annotations

from contracts.execution import ExecutionPaused, PauseExecution, ResumeExecution
from contracts.language.flow.input import resolve_inputs
from contracts.scalars import JsonObject
from contracts.states import State
from services.executor.executions.children import resume_child
from services.executor.executions.evaluation import ask, close
from services.executor.executions.rendering.inputs import WorkerEncryption, evaluating
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.rendering.template import scope_of
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import leave_pause, next_round, repeats, resume_run, resumed


def pause(turn: Turn, _: PauseExecution) -> None:
    """Hold the whole execution. What runs goes on, and nothing begins."""
    if turn.execution.state is State.RUNNING:
        turn.emit(ExecutionPaused, held=True)


def resume(turn: Turn, command: ResumeExecution) -> None:
    """Resume the first paused run. A pause by a task comes before a wait between two rounds, which this ends early.

    A task of ``afterExecution`` may be paused, too. Then the execution has its final state, and keeps it."""
    execution = turn.execution
    after_end = execution.ended and bool(execution.paused)
    if execution.state is not State.PAUSED and not after_end:
        return
    paused = [run for run in execution.runs.values() if run.state is State.PAUSED]
    run = min(paused, key=lambda each: repeats(turn, each), default=None)
    if run is not None and repeats(turn, run):
        if not execution.held:
            next_round(turn, run)
    elif run is not None and run.children is not None and run.children.family is not None:
        resume_child(turn, run, command)
    elif run is not None:
        outputs = _outputs(turn, run, command)
        if outputs is None:
            return
        resume_run(turn, run, State.SUCCESS, outputs)
    leave_pause(turn, release=True)


def _outputs(turn: Turn, run: TaskRun, command: ResumeExecution) -> JsonObject | None:
    """Return the outputs of the resumed run. None if the given inputs do not fit, or need an answer first."""
    outputs: JsonObject = {"resumed": resumed(turn, State.RUNNING, command.by)}
    asks = turn.node_of(run).task.asks
    if asks:
        flow_variables = turn.blueprint.plan.flow.variables
        evaluate = evaluating(turn, run.id, flow_variables)
        encryption = WorkerEncryption(turn, run.id, flow_variables)
        variables, _ = whole_of(turn)
        try:
            resolution = resolve_inputs(asks, command.inputs, scope_of(turn, variables), evaluate, encryption)
        except AnswerNeeded as needed:
            ask(turn, run, "resume", needed.asked, command)
            return None
        close(turn, run.id)
        if resolution.violations:
            reasons = "; ".join(violation.message for violation in resolution.violations)
            turn.log("WARN", f"Not resumed: {reasons}", run)
            return None
        outputs["onResume"] = dict(resolution.values)
    return outputs
