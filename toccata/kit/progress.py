"""Says in the log of a long task how far it is, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

EVERY_SECONDS = 10.0


class Progress:
    """Call :meth:`add` as often as you like: a line appears at most every ten seconds, and none in a short task.

    ``log`` is ``run.log``; ``what`` is a plural, such as ``rows``; ``total`` is None if nobody knows it."""

    def __init__(
        self,
        log: Callable[[Any, str], None],
        what: str,
        total: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log, self._what, self._total, self._clock = log, what, total, clock
        self._due = clock() + EVERY_SECONDS
        self.done: float = 0

    def add(self, count: float) -> None:
        self.done += count
        now = self._clock()
        if now >= self._due:
            self._due = now + EVERY_SECONDS
            self._log("INFO", self._line())

    def _line(self) -> str:
        if not self._total:
            return f"{self.done:,.0f} {self._what} so far"
        return f"{self.done:,.0f} of {self._total:,.0f} {self._what} ({self.done / self._total:.0%})"
