"""The only places where services read the time."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Wall clock, milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Seconds; for durations and deadlines."""
    return time.monotonic()
