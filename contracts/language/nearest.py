"""Finds the known words nearest to an unknown one, to guess the author's intention."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_KNOWN = 5_000
"""Comparing is slow. With more known words than this, only those with the same first letter are compared."""
MOST_GUESSES = 50
"""Of one flow: nobody reads more of them, and a flow of unknown words must not hold up who reads it."""


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return the nearest words, best first. Empty if none is near. Case does not matter."""
    from difflib import get_close_matches  # slow to import, and needed only for errors

    by_lower: dict[str, str] = {}
    for each in known:
        by_lower.setdefault(each.lower(), each)
    lowered = word.lower()
    candidates = list(by_lower)
    if len(candidates) > _MOST_KNOWN:
        candidates = [each for each in candidates if each[:1] == lowered[:1]]
    return [by_lower[each] for each in get_close_matches(lowered, candidates, most, 0.7)]


class Guesses:
    """What one flow may still be told of what its author may have meant."""

    def __init__(self) -> None:
        self._left = MOST_GUESSES

    def take(self) -> bool:
        """Whether there may be one more."""
        self._left -= 1
        return self._left >= 0

    def did_you_mean(self, word: str, known: Iterable[str]) -> str:
        return did_you_mean(word, known) if self.take() else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question for the author, or empty text."""
    found = nearest(word, known)
    return f"Did you mean `{found[0]}`?" if found else ""
