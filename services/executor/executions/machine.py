"""The only door to the core: all open executions of one partition, stepped by one input at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts import machine
from contracts.codec import Codec
from contracts.execution import (
    AttemptEnded,
    AttemptStarted,
    ExecutionEvent,
    ExecutionRecord,
    KillExecution,
    RestartExecution,
    SlotGranted,
    SlotQueued,
    SlotRefused,
    StartExecution,
)
from contracts.machine import Input, Step, TimerDue
from contracts.message import Message
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED, State
from services.executor.executions import dump
from services.executor.executions.blueprint import Blueprints, Plans
from services.executor.executions.decide import attempt, early, kill, restart, slot, start, timer
from services.executor.executions.ended import EndedIds
from services.executor.executions.event import JOURNAL, ExecutionClosed, JournalEvent
from services.executor.executions.evolve import evolve
from services.executor.executions.record import execution_of
from services.executor.executions.retry_execution import end_open_runs
from services.executor.executions.state import Execution, ExecutionsState
from services.executor.executions.termination import end_execution
from services.executor.executions.turn import Setting, Turn

DAY_MS = 86_400_000
MOST_COUNTED = 1_000_000
"""Attempts of a run, and iterations of a loop: what a record that says more would cost in memory."""


class ExecutionMachine:
    """Processor ``executions``. The runtime has read the flow table as far as an input's ``flows_position`` says."""

    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = "executions.events"

    def __init__(
        self,
        plans: Plans,
        *,
        window_ms: int = DAY_MS,
        group: str = "default",
        envs: Mapping[str, str] | None = None,
        global_variables: JsonObject | None = None,
    ) -> None:
        self._setting = Setting(Blueprints(plans), window_ms, group, envs or {}, global_variables or {})
        self.state = ExecutionsState(EndedIds(window_ms))
        self.refused = 0
        """Starts that were older than the idempotency window."""

    def step(self, message: Input, at: Millis) -> Step:
        if isinstance(message, TimerDue):
            return self._fire(message, at)
        if isinstance(message, StartExecution):
            return self._start(message, at)
        if isinstance(message, RestartExecution):
            return self._restart(message, at)
        return self._command(message, at)

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """Ends the execution that the input is about; where there is none, nothing is left to end."""
        execution_id = message.name.split("/")[1] if isinstance(message, TimerDue) else _subject(message)
        reason = f"Internal error: {error}"
        execution = self.state.executions.get(execution_id)
        if execution is not None:
            turn = self._turn(execution, at)
            end_open_runs(turn, State.FAILED)
            if not execution.ended:
                end_execution(turn, State.FAILED, reason)
            else:
                turn.note(ExecutionClosed(execution_id=execution.id, at=at))
            return turn.step
        if isinstance(message, StartExecution) and self.state.ended.seq_of(execution_id) is None:
            turn = self._turn(start.provisional(message, at), at)
            start.create_failed(turn, message, reason)
            return turn.step
        return Step()

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:
        return event.execution_id if isinstance(event, ExecutionEvent) else None

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    @property
    def open(self) -> int:
        """Executions in memory."""
        return len(self.state.executions)

    def _turn(self, execution: Execution, at: Millis) -> Turn:
        return Turn(self.state, at, evolve, self._setting, execution)

    def _start(self, command: StartExecution, at: Millis) -> Step:
        execution_id = command.execution_id
        if execution_id in self.state.executions or self.state.ended.seq_of(execution_id) is not None:
            return Step()
        if command.at < at - self._setting.window_ms:
            self.refused += 1
            return Step()
        turn = self._turn(start.provisional(command, at), at)
        start.start(turn, command)
        return turn.step

    def _restart(self, command: RestartExecution, at: Millis) -> Step:
        execution = self.state.executions.get(command.execution_id)
        if execution is not None:
            turn = self._turn(execution, at)
            if turn.known:
                restart.restart_in_memory(turn)
            return turn.step
        record = command.record
        if record is None or record.id != command.execution_id or not _has_ended(record):
            return Step()
        last = self.state.ended.seq_of(record.id)
        if last is not None and record.seq < last:
            return Step()  # it has been restarted and has ended again since that was read
        turn = self._turn(execution_of(record), at)
        restart.restart(turn, record)
        return turn.step

    def _command(self, command: Message, at: Millis) -> Step:
        execution_id = _subject(command)
        execution = self.state.executions.get(execution_id)
        if execution is not None:
            turn = self._turn(execution, at)
            if turn.known:
                _DECIDE[type(command)](turn, command)
            else:
                _fail_unknown_revision(turn)
            return turn.step
        if isinstance(command, KillExecution) and self.state.ended.seq_of(execution_id) is None:
            unborn = machine.Turn(self.state, at, evolve)
            early.remember(unborn, command)
            return unborn.step
        return Step()

    def _fire(self, due: TimerDue, at: Millis) -> Step:
        kind, execution_id, rest = (*due.name.split("/", 2), "")[:3]
        if kind == "forget":
            return self._forget_kill(execution_id, at)
        execution = self.state.executions.get(execution_id)
        if execution is None:
            return Step()
        turn = self._turn(execution, at)
        if turn.known:
            timer.fire(turn, kind, rest)
        else:
            _fail_unknown_revision(turn)
        return turn.step

    def _forget_kill(self, execution_id: str, at: Millis) -> Step:
        turn = machine.Turn(self.state, at, evolve)
        early.forget(turn, execution_id)
        return turn.step


def _subject(message: Message) -> str:
    """The execution that an input of this machine is about."""
    return message.execution_id  # type: ignore[attr-defined,no-any-return]


def _has_ended(record: ExecutionRecord) -> bool:
    """And is told in full: anyone may write one."""
    if not record.histories or record.histories[-1].state not in ENDED:
        return False
    ids = {run.id for run in record.task_runs}
    return all(
        run.histories
        and (run.iteration is None or (0 <= run.iteration < MOST_COUNTED and run.parent_id in ids))
        and all(attempt.number < MOST_COUNTED for attempt in run.attempts)
        for run in record.task_runs
    )


def _fail_unknown_revision(turn: Turn) -> None:
    if not turn.execution.ended:
        end_open_runs(turn, State.FAILED)
        end_execution(turn, State.FAILED, f"Revision {turn.execution.revision} of the flow is not known")


def _kill(turn: Turn, _: KillExecution) -> None:
    kill.kill(turn)


_DECIDE: dict[type[Message], Callable[[Turn, Any], None]] = {
    AttemptStarted: attempt.started,
    AttemptEnded: attempt.ended,
    KillExecution: _kill,
    SlotGranted: slot.grant,
    SlotQueued: slot.queue,
    SlotRefused: slot.refuse,
}
