"""Lets an execution go on that stopped at a breakpoint (docs/language/states.md#breakpoints)."""

from __future__ import annotations

from contracts.execution import ExecutionPaused, ExecutionStarted, ExecutionUpdated, ResumeFromBreakpoint
from contracts.states import State
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import begin_what_came_due


def resume(turn: Turn, command: ResumeFromBreakpoint) -> None:
    """Begin what stopped, and everything that came due meanwhile. If another branch is paused, so is the execution again."""
    execution = turn.execution
    if execution.state is not State.BREAKPOINT:
        return
    turn.emit(ExecutionUpdated, breakpoints=command.breakpoints)
    turn.emit(ExecutionStarted)
    begin_what_came_due(turn)
    if execution.paused:
        turn.emit(ExecutionPaused)
