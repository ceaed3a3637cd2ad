"""Histories of states, and the attempts of a task run with theirs. Pure."""

from __future__ import annotations

import msgspec

from contracts.execution import AttemptRecord, History
from contracts.scalars import Millis
from contracts.states import ENDED, State
from services.indexer.core.rows import TaskRunRow


def attempt_at(row: TaskRunRow, number: int, at: Millis) -> int:
    """Index of the attempt, which begins now unless it is known."""
    for index in range(len(row.attempts) - 1, -1, -1):
        if row.attempts[index].number == number:
            return index
    row.attempts.append(AttemptRecord(number=number, histories=[History(State.CREATED, at)]))
    return len(row.attempts) - 1


def end_attempt(row: TaskRunRow, number: int, state: State, at: Millis) -> None:
    index = attempt_at(row, number, at)
    attempt = row.attempts[index]
    if attempt.histories and attempt.histories[-1].state in ENDED:
        return
    histories = attempt.histories.copy()
    append(histories, state, at)
    row.attempts[index] = msgspec.structs.replace(attempt, histories=histories)


def append(histories: list[History], state: State, at: Millis) -> None:
    """A worker's clock may be behind ours; a history never goes back."""
    if histories and histories[-1].at > at:
        at = histories[-1].at
    histories.append(History(state, at))
