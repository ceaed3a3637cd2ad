"""Bounds how often something may happen: so many a second in the long run, and some more at once. Pure: time is given."""

from __future__ import annotations

from collections.abc import Hashable

_MOST_KEYS = 20_000


class Rates:
    """One bound for each key. Of each it keeps only the time at which all that happened will be forgotten."""

    def __init__(self, per_second: float, at_once: float, most_keys: int = _MOST_KEYS) -> None:
        self._apart = 1 / per_second
        self._slack = (at_once - 1) * self._apart
        self._most = most_keys
        self._until: dict[Hashable, float] = {}

    @property
    def any(self) -> bool:
        return bool(self._until)

    def wait(self, key: Hashable, now: float) -> float:
        """Return for how many seconds nothing more may happen. 0: it may now."""
        until = self._until.get(key)
        return 0.0 if until is None else max(0.0, until - now - self._slack)

    def count(self, key: Hashable, now: float) -> None:
        """Remember that it happened."""
        if len(self._until) >= self._most and key not in self._until:
            self._forget(now)
        self._until[key] = max(self._until.get(key, now), now) + self._apart

    def take(self, key: Hashable, now: float) -> float:
        """Return 0 and remember it if it may happen now. Otherwise return for how many seconds it may not."""
        seconds = self.wait(key, now)
        if not seconds:
            self.count(key, now)
        return seconds

    def _forget(self, now: float) -> None:
        """Forget what is over, or else the half that came first. Strangers choose keys, so their number is bounded."""
        self._until = {key: until for key, until in self._until.items() if until > now}
        if len(self._until) >= self._most:
            first = list(self._until)[: self._most // 2]
            for key in first:
                del self._until[key]
