"""The only place where services read the time."""

from __future__ import annotations

import time

from toccata.runtime.steady_clock import SteadyClock

PROCESS = SteadyClock()
"""One for all parts of a process, because any of its producers may hear the broker's time."""


def now_ms() -> int:
    """Return milliseconds since 1970 UTC, by the broker's clock if this machine's is wrong."""
    return PROCESS.now_ms()


def monotonic() -> float:
    """Return seconds, for durations and deadlines."""
    return time.monotonic()
