"""Turns the end of a run into the reported outcome. Pure. The executor decides what FAILED means for the flow: retries come
before ``allowFailure``, and only the executor knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from contracts.execution import Outcome

How: TypeAlias = Literal["returned", "raised", "timed_out", "cancelled", "abandoned"]
"""``cancelled``: killed. ``abandoned``: the worker stops before the run has ended."""
MESSAGE_CHARS = 8_000

_OUTCOMES: dict[How, Outcome] = {
    "raised": "failed",
    "timed_out": "timed_out",
    "cancelled": "cancelled",
    "abandoned": "lost",
}


@dataclass(frozen=True, slots=True)
class End:
    how: How
    message: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    warned: bool = False


def outcome_of(end: End) -> Outcome:
    if end.how == "returned":
        return "warned" if end.warned else "succeeded"
    return _OUTCOMES[end.how]


def message_of(end: End) -> str:
    if len(end.message) > MESSAGE_CHARS:
        return end.message[:MESSAGE_CHARS] + "…"
    return end.message


def cleaned(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Drop null attributes, and write durations as decimal seconds (docs/language/tasks.md#outputs)."""
    return {
        name: value.total_seconds() if isinstance(value, timedelta) else value
        for name, value in outputs.items()
        if value is not None
    }
