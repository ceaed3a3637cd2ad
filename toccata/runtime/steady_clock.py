"""The wall clock for decisions. A leap forward counts only once it has lasted, because a clock that is set wrong is often set right again."""

from __future__ import annotations

import time
from collections.abc import Callable

from contracts.scalars import Millis
from toccata.runtime import clock
from toccata.runtime.log import get_logger

log = get_logger()
LEAP_MS = 60_000
HOLD_SECONDS = 120.0


def uptime() -> float:
    """Return seconds since the machine started, with the time that it slept. A laptop that wakes up has not leapt."""
    source = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return clock.monotonic() if source is None else time.clock_gettime(source)


class SteadyClock:
    """Compares the wall clock with the machine's uptime."""

    def __init__(
        self, wall: Callable[[], Millis] = clock.now_ms, steady: Callable[[], float] = uptime
    ) -> None:
        self._read_wall, self._read_steady = wall, steady
        self._wall, self._steady = wall(), steady()
        self._since: float | None = None

    def now_ms(self) -> Millis:
        """Return the time in milliseconds since 1970. After a leap forward of more than a minute, the old time goes on for two minutes."""
        wall, steady = self._read_wall(), self._read_steady()
        expected = self._wall + int((steady - self._steady) * 1000)
        leap = wall - expected
        if leap <= LEAP_MS:
            self._since = None
        elif self._since is None:
            self._since = steady
            log.error("clock_leapt", seconds=round(leap / 1000))
            return expected
        elif steady - self._since < HOLD_SECONDS:
            return expected
        else:
            self._since = None
            log.error("clock_leap_accepted", seconds=round(leap / 1000))
        self._wall, self._steady = wall, steady
        return wall
