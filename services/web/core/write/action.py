"""What callers do to an execution: when it is allowed, which command asks for it, and when its effect is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.execution import (
    DeleteExecution,
    EditExecution,
    ExecutionCommand,
    KillExecution,
    PauseExecution,
    RestartExecution,
    ResumeExecution,
    ResumeFromBreakpoint,
    UnqueueExecution,
)
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED, State
from services.web.core.live import Live
from services.web.core.rows import ExecutionRow, child_of, record_of

_WAITS = frozenset({State.CREATED, State.QUEUED, State.PAUSED})
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
    with_children: bool = False
    """Whether the command needs the executions that the execution started. The row has them then."""
    refused_as: int = 409
    """The status of the answer if the state does not allow it."""
    deed: str = ""
    """What a refusal says that cannot be done, if it is not the name and ``execution``."""
    many: str = ""
    """What is wrong with an execution among many, in a word before the refusal."""

    def refused(self, refusal: str) -> str:
        return f"Cannot {self.deed or f'{self.name} execution'}: {refusal}"


def _is(live: Live) -> str:
    return f"it {'has ended as' if live.ended else 'is'} {live.state}"


def not_killable(live: Live) -> str:
    return f"execution is already terminated: {_is(live)}" if live.ended else ""


def not_restartable(live: Live) -> str:
    if live.state in RESTARTABLE:
        return ""
    able = sorted(RESTARTABLE)
    allowed = f"Only {', '.join(able[:-1])} and {able[-1]} executions can be restarted"
    return f"current state is '{live.state}', expected terminated. {allowed}"


def not_resumable(live: Live) -> str:
    after_end = live.ended and any(run.state is State.PAUSED for run in live.task_runs.values())
    paused = live.state is State.PAUSED or after_end  # by a task of `afterExecution`
    return "" if paused else f"execution is not paused: {_is(live)}"


def not_at_breakpoint(live: Live) -> str:
    return "" if live.state is State.BREAKPOINT else f"execution is not at a breakpoint: {_is(live)}"


def not_pausable(live: Live) -> str:
    return "" if live.state is State.RUNNING else f"execution is not running: {_is(live)}"


def not_queued(live: Live) -> str:
    return "" if live.state is State.QUEUED else f"execution is not queued: {_is(live)}"


def not_forceable(live: Live) -> str:
    return f"execution is already terminated: {_is(live)}" if live.ended else ""


def not_ended(live: Live) -> str:
    return "" if live.state in ENDED else f"execution is not terminated: {_is(live)}"


def not_changeable(live: Live) -> str:
    if live.state in ENDED and live.state is not State.KILLED:
        return ""
    return f"execution must be terminated and not killed. Here {_is(live)}"


def resume(inputs: JsonObject, by: str) -> Action:
    """``inputs`` are raw values of what the paused task asks for."""
    return Action(
        "resume",
        not_resumable,
        lambda row, at: ResumeExecution(execution_id=row.id, at=at, inputs=inputs, by=by),
        many="execution not in state PAUSED",
    )


def resume_from_breakpoint(breakpoints: list[str]) -> Action:
    """``breakpoints`` are those from here on."""
    return Action(
        "resume-from-breakpoint",
        not_at_breakpoint,
        lambda row, at: ResumeFromBreakpoint(execution_id=row.id, at=at, breakpoints=breakpoints),
        deed="resume execution from breakpoint",
    )


def unqueue(state: State) -> Action:
    """``state`` is RUNNING, CANCELLED or FAILED."""
    return Action(
        "unqueue",
        not_queued,
        lambda row, at: UnqueueExecution(execution_id=row.id, at=at, state=state),
        many="execution not in state QUEUED",
    )


def change_status(state: State) -> Action:
    """``state`` is terminal."""
    return Action(
        "change-status",
        not_changeable,
        lambda row, at: _edit(row, at, state=state),
        lambda _, live: live.state is state,
        deed="change execution state",
        many="execution not in a terminated state or is killed",
    )


def set_state(task_run_id: str, state: State) -> Action:
    """``state`` is terminal."""

    def refusal(live: Live) -> str:
        run = live.task_runs.get(task_run_id)
        if run is None:
            return f"Task run id '{task_run_id}' not found in execution '{live.id}'"
        waits = live.state is State.PAUSED and run.state is State.PAUSED
        return "" if waits else not_changeable(live)

    return Action(
        "state",
        refusal,
        lambda row, at: RestartExecution(
            execution_id=row.id, at=at, record=record_of(row), task_run_id=task_run_id, state=state
        ),
        deed="change task run state",
    )


def set_labels(labels: Mapping[str, str], *, merge: bool) -> Action:
    """With ``merge``, labels with other keys stay. Those of the system always stay."""

    def wanted(present: Mapping[str, str]) -> dict[str, str]:
        return {**(_own(present) if merge else {}), **labels}

    return Action(
        "labels",
        not_ended,
        lambda row, at: _edit(row, at, labels=wanted(row.labels)),
        lambda _, live: _own(live.labels) == wanted(live.labels),
        refused_as=400,
        deed="change labels",
        many="execution not in a terminated state",
    )


def not_deletable(live: Live) -> str:
    if live.settled:
        return ""
    if live.ended:
        return f"{_is(live)}, but its tasks of afterExecution still run"
    return f"{_is(live)}, and is deleted only with `includeNonTerminated`, which kills it first"


def delete(*, logs: bool, metrics: bool) -> Action:
    """``logs`` and ``metrics`` go, too."""

    def command(row: ExecutionRow, at: Millis) -> DeleteExecution:
        record = msgspec.structs.replace(record_of(row), task_runs=[])
        return DeleteExecution(execution_id=row.id, at=at, record=record, logs=logs, metrics=metrics)

    return Action("delete", not_deletable, command)


def mark(labels: dict[str, str]) -> Action:
    """Add labels of the system, whatever the state."""
    return Action(
        "mark",
        lambda _: "",
        lambda row, at: _edit(row, at, marks=labels),
        lambda _, live: live.labels.items() >= labels.items(),
    )


def _own(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if not key.startswith("system.")}


def _edit(row: ExecutionRow, at: Millis, **fields: Any) -> EditExecution:
    record = msgspec.structs.replace(record_of(row), task_runs=[])
    return EditExecution(execution_id=row.id, at=at, record=record, **fields)


FORCE_RUN = Action(
    "force-run",
    not_forceable,
    lambda row, at: UnqueueExecution(execution_id=row.id, at=at, force=True),
    lambda _, live: live.state not in _WAITS,
    deed="force run execution",
    many="execution in a terminated state",
)
KILL_FIRST = Action(
    "kill",
    lambda live: f"execution is already terminated: {_is(live)}" if live.settled else "",
    lambda row, at: KillExecution(execution_id=row.id, at=at),
    lambda seq, live: live.ended and live.seq > seq,
)
"""A kill that waits for the end. Repeated, it also stops the tasks of ``afterExecution``, one after the other."""
KILL = Action(
    "kill",
    not_killable,
    lambda row, at: KillExecution(execution_id=row.id, at=at),
    lambda _, live: live.state is State.KILLING or live.ended,
    many="execution already finished",
)
RESTART = Action(
    "restart",
    not_restartable,
    lambda row, at: RestartExecution(
        execution_id=row.id, at=at, record=record_of(row), children=[child_of(each) for each in row.children]
    ),
    with_children=True,
    many="execution must be terminated to be restarted",
)
PAUSE = Action(
    "pause",
    not_pausable,
    lambda row, at: PauseExecution(execution_id=row.id, at=at),
    many="execution not in state RUNNING",
)
