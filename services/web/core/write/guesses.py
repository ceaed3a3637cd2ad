"""Slows down callers who try keys of webhooks, and callers who know one but call too often. Pure: time is given."""

from __future__ import annotations

from services.web.core.caller import household
from services.web.core.problem import Problem, too_many
from services.web.core.rate import Rates

WRONG_PER_SECOND = 1.0
WRONG_AT_ONCE = 30
GRID_SECONDS = 0.05
"""Refusals are given at multiples of this after the request came. So their time says nothing about what exists."""
_MOST_KNOWN = 20_000


class Guesses:
    """``rate``: calls a second that one webhook takes, 0 for any number; ``burst``: how many of them at once.

    Wrong calls count by address alone. If they counted by webhook too, a stranger could close it for those who know its key.
    An address that used a key before may go on with this key, because many callers may share one address."""

    def __init__(self, rate: float, burst: int) -> None:
        self._wrong = Rates(WRONG_PER_SECOND, WRONG_AT_ONCE)
        self._right = Rates(rate, burst) if rate else None
        self._known: dict[tuple[str, str], None] = {}

    def check(self, address: str, place: str, now: float) -> None:
        """Raise Problem 429 for an address with too many wrong calls. ``place``: the path with the key."""
        seconds = self._wrong.wait(household(address), now) if self._wrong.any else 0.0
        if seconds and (address, place) not in self._known:
            raise too_many("Too many wrong calls of webhooks came from this address", int(seconds) + 1)

    def wrong(self, address: str, place: str, now: float) -> None:
        self._known.pop((address, place), None)
        self._wrong.count(household(address), now)

    def right(self, address: str, place: str, hook: object, now: float) -> None:
        """Raise Problem 429 if the webhook is called too often."""
        if (address, place) not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.pop(next(iter(self._known)))
            self._known[address, place] = None
        seconds = self._right.take(hook, now) if self._right is not None else 0.0
        if seconds:
            raise too_many("This webhook is called too often", int(seconds) + 1)


def until_refusal(began: float, now: float) -> float:
    """Return the seconds to wait before a call is refused that came at ``began``."""
    return GRID_SECONDS - (now - began) % GRID_SECONDS


def unknown() -> Problem:
    """The answer to every wrong call, so that it does not tell which flows exist."""
    return Problem(404, "not-found", "Not Found: Flow not found, or Webhook not found in it")
