"""The page of state machines of executions and task runs, from their tables."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.states import ENDED, EXECUTION_TRANSITIONS, HOLDS_SLOT, TASK_RUN_TRANSITIONS, State
from docs.generate.table import Pages, code, page, table

INTRODUCTION = """
All transitions of executions and task runs. No others happen.
[States](../language/states.md) explains the states.
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
        f"These states are final, unless the execution is restarted: {_listed(ENDED)}.",
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
