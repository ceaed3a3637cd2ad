"""Orders the news of an execution for printing. Pure: the time is a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.states import ENDED

_BEGIN, _LINE, _END = range(3)


@dataclass(frozen=True, slots=True)
class News:
    """A new state, or a log line."""

    at: str
    name: str
    word: str
    line: dict[str, Any] | None = None

    def key(self) -> tuple[datetime, int]:
        """At the same instant, a task begins, then logs, then ends. Texts of different precision do not
        compare as instants."""
        rank = _LINE if self.line is not None else _END if self.word in ENDED else _BEGIN
        return datetime.fromisoformat(self.at), rank


@dataclass(slots=True)
class Waiting:
    """News that is not printed yet. Each item waits ``moment`` seconds for earlier ones that come later."""

    moment: float
    _held: list[tuple[float, News]] = field(default_factory=list)
    """Each item with the time at which it is due."""

    def put(self, news: list[News], now: float) -> None:
        self._held += [(now + self.moment, each) for each in news]

    def seconds_left(self, now: float) -> float | None:
        """Seconds until an item is due. None if nothing waits."""
        return min(due for due, _ in self._held) - now if self._held else None

    def due(self, now: float) -> list[News]:
        """The items that have waited long enough, with all earlier ones."""
        ripe = [news.key() for due, news in self._held if due <= now]
        if not ripe:
            return []
        last = max(ripe)
        given = [news for _, news in self._held if news.key() <= last]
        self._held = [held for held in self._held if held[1].key() > last]
        return sorted(given, key=News.key)

    def all(self) -> list[News]:
        given = sorted((news for _, news in self._held), key=News.key)
        self._held = []
        return given
