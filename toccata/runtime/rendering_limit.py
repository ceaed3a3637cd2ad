"""Ends a rendering that takes too long, wherever it is: a timer of processor time interrupts it.

A single regular expression or comparison may occupy the interpreter for hours, and no other thread could notice. The timer
never wakes an idle process, and only counts time in which the process runs."""

from __future__ import annotations

import atexit
import signal
from types import FrameType

from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.overrun import RUNNING

TICK_SECONDS = 0.25
TICKS = 8
"""A rendering is ended in this tick. All renderings of a scope count together."""


def _tick(_number: int, _frame: FrameType | None) -> None:
    budget = RUNNING.budget
    if budget is None:
        return
    budget.ticks += 1
    if budget.ticks >= TICKS:
        RUNNING.budget = None
        raise LimitExceeded(f"The expression takes more than {TICKS * TICK_SECONDS:.0f} s of processor time")


def interrupt_long_renderings() -> None:
    """Start the timer, until the process ends. Call this in the main thread."""
    signal.signal(signal.SIGPROF, _tick)
    signal.setitimer(signal.ITIMER_PROF, TICK_SECONDS, TICK_SECONDS)
    # The interpreter removes our handler before it frees memory. A tick after that would kill the process.
    atexit.register(signal.setitimer, signal.ITIMER_PROF, 0)
