"""The state machines of executions and task runs, from their tables."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.states import ENDED, EXECUTION_TRANSITIONS, HOLDS_SLOT, TASK_RUN_TRANSITIONS, State
from docs.generate.table import Pages, code, page, table

INTRODUCTION = """
Each move that an execution or a task run can make. No other move happens.
[States](../language/states.md) says what they mean.
"""


def pages() -> Pages:
    text = page(
        "State tables",
        INTRODUCTION,
        "## Executions",
        _moves(EXECUTION_TRANSITIONS),
        f"In these states an execution holds a place of its concurrency limit: {_listed(HOLDS_SLOT)}.",
        "## Task runs",
        _moves(TASK_RUN_TRANSITIONS),
        "## Ended",
        f"Whatever is in one of these states moves no more, unless it is restarted: {_listed(ENDED)}.",
    )
    return {"reference/states.md": text}


def _moves(transitions: Mapping[State | None, frozenset[State]]) -> str:
    rows = [
        (code(before) if before else "*(new)*", _listed(after))
        for before, after in sorted(transitions.items(), key=lambda row: row[0] or "")
    ]
    return table(("from", "to"), rows)


def _listed(states: frozenset[State]) -> str:
    return ", ".join(code(state) for state in sorted(states))
