"""The life of one attempt on this worker: a table of phases and moves. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts.scalars import AttemptId, attempt_id
from contracts.work import AttemptKey, RunAttempt


class Phase(StrEnum):
    WAITING = "WAITING"
    """Accepted but not begun. It can be given back."""
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    """Killed. Its end has not come yet."""
    REPORTING = "REPORTING"
    """Ended. The log has not acknowledged the outcome yet."""


PHASE_MOVES: dict[Phase | None, frozenset[Phase]] = {
    None: frozenset({Phase.WAITING, Phase.RUNNING}),
    Phase.WAITING: frozenset({Phase.RUNNING, Phase.REPORTING}),
    Phase.RUNNING: frozenset({Phase.STOPPING, Phase.REPORTING}),
    Phase.STOPPING: frozenset({Phase.REPORTING}),
    Phase.REPORTING: frozenset(),
}
"""The worker forgets an attempt from WAITING (given back) or REPORTING (acknowledged)."""


@dataclass(slots=True)
class Attempt:
    run: RunAttempt
    heavy: bool
    phase: Phase

    def move(self, phase: Phase) -> None:
        assert phase in PHASE_MOVES[self.phase], f"{self.phase} to {phase}"
        self.phase = phase


def key_of(run: RunAttempt) -> AttemptId:
    return attempt_id(run.task_run_id, run.attempt)


def wire_key(run: RunAttempt) -> AttemptKey:
    return AttemptKey(run.task_run_id, run.attempt)
