"""What callers do to an execution: when it is allowed, which command asks for it, and when its effect is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.execution import (
    ExecutionCommand,
    KillExecution,
    PauseExecution,
    RestartExecution,
    ResumeExecution,
)
from contracts.scalars import JsonObject, Millis
from contracts.states import State
from services.web.core.live import Live
from services.web.core.rows import ExecutionRow, record_of

RESTARTABLE = frozenset({State.FAILED, State.KILLED, State.CANCELLED, State.WARNING, State.PAUSED})


def _moved(seq: int, live: Live) -> bool:
    return live.seq > seq


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    """As paths have it."""
    refusal: Callable[[Live], str]
    """Says why the execution cannot be acted on. Empty if it can."""
    command: Callable[[ExecutionRow, Millis], ExecutionCommand]
    done: Callable[[int, Live], bool] = _moved
    """Whether the execution shows the effect. The number is that of its last event before the command."""


def _is(live: Live) -> str:
    return f"The execution {'has ended as' if live.ended else 'is'} {live.state}"


def not_killable(live: Live) -> str:
    return f"{_is(live)}: there is nothing left to kill" if live.ended else ""


def not_restartable(live: Live) -> str:
    if live.state in RESTARTABLE:
        return ""
    able = sorted(RESTARTABLE)
    return f"{_is(live)}: only {', '.join(able[:-1])} and {able[-1]} executions can be restarted"


def not_resumable(live: Live) -> str:
    return "" if live.state is State.PAUSED else f"{_is(live)}: only PAUSED executions can be resumed"


def not_pausable(live: Live) -> str:
    return "" if live.state is State.RUNNING else f"{_is(live)}: only RUNNING executions can be paused"


def resume(inputs: JsonObject, by: str) -> Action:
    """``inputs`` are raw values of what the paused task asks for."""
    return Action(
        "resume",
        not_resumable,
        lambda row, at: ResumeExecution(execution_id=row.id, at=at, inputs=inputs, by=by),
    )


KILL = Action(
    "kill",
    not_killable,
    lambda row, at: KillExecution(execution_id=row.id, at=at),
    lambda _, live: live.state is State.KILLING or live.ended,
)
RESTART = Action(
    "restart",
    not_restartable,
    lambda row, at: RestartExecution(execution_id=row.id, at=at, record=record_of(row)),
)
PAUSE = Action("pause", not_pausable, lambda row, at: PauseExecution(execution_id=row.id, at=at))
