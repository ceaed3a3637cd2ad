"""The turn of one input on the worker groups, and the names of timers."""

from __future__ import annotations

from typing import Literal, TypeAlias

from contracts import machine
from contracts.scalars import Millis
from services.executor.dispatch.event import JournalEvent
from services.executor.dispatch.state import DispatchState

Turn: TypeAlias = machine.Turn[DispatchState, JournalEvent]
TimerKind: TypeAlias = Literal["lease", "stop"]
_SEPARATOR = "\x1f"


def set_timer(turn: Turn, kind: TimerKind, group: str, subject: str, due: Millis | None) -> None:
    """``subject`` is the worker of a lease, or the attempt that must stop."""
    turn.timer(f"{kind}{_SEPARATOR}{group}{_SEPARATOR}{subject}", due)


def read_timer(name: str) -> tuple[str, str, str]:
    """Return kind, group and subject."""
    kind, group, subject = name.split(_SEPARATOR)
    return kind, group, subject
