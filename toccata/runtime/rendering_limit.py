"""Ends a rendering that takes too long, wherever it is: a timer of processor time interrupts it.

One regular expression or one comparison may hold the interpreter for hours; no other thread would get a turn to notice.
Idle processes are never woken, and time in which the process does not run does not count."""

from __future__ import annotations

import atexit
import signal
from types import FrameType

from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.overrun import RUNNING

TICK_SECONDS = 0.25
TICKS = 8
"""So many in a row within one rendering: it is ended."""


class _Interrupter:
    def __init__(self) -> None:
        self._seen = 0
        self._ticks = 0

    def tick(self, _number: int, _frame: FrameType | None) -> None:
        rendering = RUNNING.rendering
        if rendering is None or id(rendering) != self._seen:
            self._seen, self._ticks = id(rendering), 0
            return
        self._ticks += 1
        if self._ticks >= TICKS:
            self._ticks = 0
            RUNNING.rendering = None
            raise LimitExceeded(
                f"The expression takes more than {TICKS * TICK_SECONDS:.0f} s of processor time"
            )


def interrupt_long_renderings() -> None:
    """From now on, until the process ends. In the main thread."""
    signal.signal(signal.SIGPROF, _Interrupter().tick)
    signal.setitimer(signal.ITIMER_PROF, TICK_SECONDS, TICK_SECONDS)
    # The interpreter takes our handler away before it frees what is left: a tick in between would kill the process.
    atexit.register(signal.setitimer, signal.ITIMER_PROF, 0)
