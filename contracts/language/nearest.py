"""The known words that are nearest to one that nobody knows: what the author may have meant."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_KNOWN = 5_000
"""Comparing is slow: of more words than these only those are compared that begin alike."""


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Best first; empty when none is near. Upper and lower case count as alike."""
    from difflib import get_close_matches  # heavy to import, and wanted only where something is wrong

    by_lower: dict[str, str] = {}
    for each in known:
        by_lower.setdefault(each.lower(), each)
    lowered = word.lower()
    candidates = list(by_lower)
    if len(candidates) > _MOST_KNOWN:
        candidates = [each for each in candidates if each[:1] == lowered[:1]]
    return [by_lower[each] for each in get_close_matches(lowered, candidates, most, 0.7)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the author, or nothing."""
    found = nearest(word, known)
    return f"Did you mean `{found[0]}`?" if found else ""
