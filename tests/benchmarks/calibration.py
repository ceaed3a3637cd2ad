"""A fixed amount of work, timed: machines differ by a factor of four, so a figure means something only beside this one."""

from __future__ import annotations

import statistics
import time

ADDITIONS = 10_000_000


def calibration_seconds() -> float:
    """Return how long this machine takes for ten million additions in Python: the median of three."""
    return statistics.median(_once() for _ in range(3))


def _once() -> float:
    began = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - began
