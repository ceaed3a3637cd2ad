"""Decides whether and when another attempt follows a failed one (docs/language/tasks.md#retry)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from contracts.language.flow.retry import next_attempt_delay
from contracts.scalars import Millis
from contracts.states import State
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn


@dataclass(frozen=True, slots=True)
class NextAttempt:
    due: Millis


@dataclass(frozen=True, slots=True)
class NewExecution:
    due: Millis


@dataclass(frozen=True, slots=True)
class NoRetry:
    pass


Verdict: TypeAlias = NextAttempt | NewExecution | NoRetry


def retry_of(turn: Turn, run: TaskRun, ended_at: Millis) -> Verdict:
    """Decide for a failed attempt. Attempts that were lost with their worker do not count."""
    execution = turn.execution
    policy = turn.node_of(run).retry
    if policy is None or execution.ended or execution.state is State.KILLING:
        return NoRetry()
    anew = policy.behavior == "CREATE_NEW_EXECUTION"
    tries = run.attempt - run.losses if run.children is None else run.attempt + 1
    made = execution.attempt_number if anew else tries
    began = execution.created_at if anew else run.started_at
    due = next_attempt_delay(policy, made, run.created_at if began is None else began, ended_at, run.id)
    if due is None:
        return NoRetry()
    return NewExecution(due) if anew else NextAttempt(due)
