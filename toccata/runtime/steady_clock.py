"""The clock of a process that may be set wrong: a leap forward counts only once it has lasted, and where the process is far from
the brokers' clocks, those count.

All services append to the same brokers, so they agree on the time however their own clocks are set. It knows nothing of Kafka: a producer
reports when a broker says that it appended a record.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from contracts.scalars import Millis
from toccata.runtime.log import get_logger

log = get_logger()
LEAP_MS = 60_000
HOLD_SECONDS = 120.0
TOLERATED_MS = 5_000
"""Clocks of machines that keep time differ by less."""


def wall_ms() -> Millis:
    """Return what the clock of this machine says, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def uptime() -> float:
    """Return seconds since the machine started, with the time that it slept. A laptop that wakes up has not leapt."""
    source = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if source is None else time.clock_gettime(source)


class SteadyClock:
    """Compares the wall clock with the machine's uptime, and with the broker's clock."""

    def __init__(self, wall: Callable[[], Millis] = wall_ms, steady: Callable[[], float] = uptime) -> None:
        self._read_wall, self._read_steady = wall, steady
        self._wall, self._steady = wall(), steady()
        self._since: float | None = None
        """When a leap of the own clock was noticed that has not lasted yet."""
        self._brokers: dict[int, Millis] = {}
        """How far each broker is ahead of the own clock."""
        self._ahead: Millis | None = None
        """How far the time that counts is ahead of the own clock; 0 within what is tolerated. None: no broker was heard yet."""
        self._ahead_since: float | None = None

    def now_ms(self) -> Millis:
        """Return the time in milliseconds since 1970. After a leap forward of more than a minute, the old time goes on for two minutes."""
        return self._own() + (self._ahead or 0)

    @property
    def heard_a_broker(self) -> bool:
        """Whether the time is known to be that of the brokers."""
        return self._ahead is not None

    def heard(self, broker: int, broker_ms: Millis, took_seconds: float) -> None:
        """Learn the time at which a broker appended, of a request that took so long until now."""
        own = self._own()
        if self._since is not None:
            return
        # It appended at some time during the request. The longer that took, the less is known.
        least = broker_ms - own
        most = least + int(took_seconds * 1000)
        known = self._brokers.get(broker)
        if known is None or not least - TOLERATED_MS <= known <= most + TOLERATED_MS:
            self._brokers[broker] = 0 if least <= 0 <= most else least
        # Where brokers differ, one of them is wrong. The own clock is right if any of them agrees with it.
        ahead = min(self._brokers.values(), key=abs)
        ahead = ahead if abs(ahead) > TOLERATED_MS else 0
        if self._ahead is not None and abs(ahead - self._ahead) <= TOLERATED_MS:
            self._ahead_since = None
        elif self._ahead is None or ahead - self._ahead <= LEAP_MS or self._has_lasted():
            if ahead:
                log.error("clock_differs", seconds=round(-ahead / 1000))
            self._ahead, self._ahead_since = ahead, None

    def _has_lasted(self) -> bool:
        """Whether the brokers' clock has been further ahead for a while, and was not only set wrong."""
        steady = self._read_steady()
        if self._ahead_since is None:
            self._ahead_since = steady
        return steady - self._ahead_since >= HOLD_SECONDS

    def _own(self) -> Millis:
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
