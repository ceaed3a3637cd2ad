"""The state machines of executions and task runs as tables (docs/language/states.md). The core makes no
other move."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    BREAKPOINT = "BREAKPOINT"
    RESTARTED = "RESTARTED"
    RETRYING = "RETRYING"
    RETRIED = "RETRIED"
    KILLING = "KILLING"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


S = State
ENDED = frozenset({S.SUCCESS, S.WARNING, S.FAILED, S.KILLED, S.CANCELLED, S.RETRIED, S.SKIPPED})
"""Terminal states. Only a restart leaves one."""

ENDED_WELL = frozenset({S.SUCCESS, S.WARNING, S.SKIPPED, S.RETRIED})

HOLDS_SLOT = frozenset({S.RUNNING, S.PAUSED, S.BREAKPOINT, S.RETRYING, S.RESTARTED, S.KILLING})
"""An execution in one of these states holds a concurrency slot (docs/language/flows.md#concurrency)."""

EXECUTION_TRANSITIONS: dict[State | None, frozenset[State]] = {
    None: frozenset({S.CREATED}),
    S.CREATED: frozenset({S.RUNNING, S.QUEUED, S.RESTARTED, S.CANCELLED, S.FAILED, S.KILLED}),
    S.QUEUED: frozenset({S.RUNNING, S.CANCELLED, S.FAILED, S.KILLED}),
    S.RUNNING: frozenset(
        {
            S.PAUSED,
            S.BREAKPOINT,
            S.RETRYING,
            S.RETRIED,
            S.KILLING,
            S.KILLED,
            S.CANCELLED,
            S.SUCCESS,
            S.WARNING,
            S.FAILED,
        }
    ),
    S.RETRYING: frozenset(
        {S.RUNNING, S.PAUSED, S.BREAKPOINT, S.KILLING, S.KILLED, S.CANCELLED, S.FAILED, S.RETRIED}
    ),
    S.PAUSED: frozenset(
        {
            S.RESTARTED,
            S.RUNNING,
            S.BREAKPOINT,
            S.KILLING,
            S.KILLED,
            S.RETRIED,
            S.CANCELLED,
            S.SUCCESS,
            S.WARNING,
            S.FAILED,
        }
    ),
    S.BREAKPOINT: frozenset({S.RUNNING, S.KILLING, S.KILLED, S.RETRIED, S.CANCELLED, S.FAILED}),
    S.RESTARTED: frozenset({S.RUNNING, S.QUEUED, S.KILLING, S.KILLED, S.CANCELLED, S.FAILED}),
    S.KILLING: frozenset({S.KILLED, S.FAILED}),
    **{state: (ENDED - {S.SKIPPED, state}) | {S.RESTARTED} for state in ENDED - {S.SKIPPED}},
}
"""Only a person moves an ended execution to another final state."""

_WAITS = frozenset(
    {
        S.BREAKPOINT,
        S.SUBMITTED,
        S.RUNNING,
        S.SKIPPED,
        S.SUCCESS,
        S.WARNING,
        S.FAILED,
        S.KILLED,
        S.CANCELLED,
    }
)
"""What follows when a run has not begun."""

TASK_RUN_TRANSITIONS: dict[State | None, frozenset[State]] = {
    None: frozenset({S.CREATED, S.SUBMITTED, S.RUNNING, S.SKIPPED, S.FAILED}),
    S.CREATED: _WAITS,
    S.BREAKPOINT: _WAITS - {S.BREAKPOINT},
    S.SUBMITTED: frozenset(
        {
            S.RUNNING,
            S.SUBMITTED,
            S.RETRYING,
            S.SUCCESS,
            S.WARNING,
            S.FAILED,
            S.KILLING,
            S.KILLED,
            S.CANCELLED,
        }
    ),
    S.RUNNING: frozenset(
        {
            S.SUCCESS,
            S.WARNING,
            S.FAILED,
            S.KILLING,
            S.KILLED,
            S.CANCELLED,
            S.PAUSED,
            S.RETRYING,
            S.RETRIED,
            S.SUBMITTED,
        }
    ),
    S.RETRYING: frozenset({S.SUBMITTED, S.RUNNING, S.CREATED, S.KILLED, S.CANCELLED, S.FAILED}),
    S.PAUSED: frozenset({S.RUNNING, S.SUCCESS, S.WARNING, S.FAILED, S.KILLED, S.CANCELLED, S.RETRIED}),
    S.RESTARTED: _WAITS,
    S.KILLING: frozenset({S.KILLED, S.SUCCESS, S.WARNING, S.FAILED}),
    **dict.fromkeys(ENDED, frozenset({S.RESTARTED})),
}
