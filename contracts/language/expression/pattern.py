"""Regular expressions of flow authors, which behave as Java's (``java_pattern``).

A pattern may backtrack for very long, and nobody can see that from its looks. So every use has an end: the timer of the process
counts it as a rendering, and the library stops it after ``SECONDS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import regex

from contracts.language.expression.budget import PER_ELEMENT, PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.java_pattern import translated
from contracts.language.expression.overrun import RUNNING
from contracts.language.expression.scope import DEFAULT_LIMITS

SECONDS = 10.0
"""How long one use of a pattern may take, where no timer counts."""
_MAX_PATTERN = 1_000
_MAX_TEXT = 1_048_576
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_PER_ROUND = 160
"""Bytes that the library keeps for a round of a repeated group. A round matches a character at least."""
_PER_MATCH = 160
"""Bytes of the list of parts that becomes the result."""
_REFERENCE = re.compile(r"(\\\$|[^\\$]+|\\|\$(?![{0-9])|\$\{(?!\w+\}))|\$\{(\w+)\}|\$([0-9]{1,4})")
Result = TypeVar("Result")
Pattern: TypeAlias = Any
"""``regex.Pattern``, which the library declares in a way that a type checker cannot use."""
Match: TypeAlias = Any


def compile_regex(pattern: str) -> Pattern:
    """Compile a pattern of Java. Raise ExpressionError if it is broken, too long, or has what is not supported."""
    if len(pattern) > _MAX_PATTERN:
        raise LimitExceeded(f"The regular expression has more than {_MAX_PATTERN} characters")
    return _compiled(pattern)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern:
    try:
        return regex.compile(translated(pattern), regex.VERSION1)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise ExpressionError(f"The regular expression `{pattern}` is not valid: {error}") from error


def _in_time(pattern: str, use: Callable[[], Result]) -> Result:
    try:
        return use()
    except TimeoutError:
        raise LimitExceeded(
            f"The regular expression `{pattern}` takes more than {SECONDS:.0f} s on this text"
        ) from None


def bounded_length(chars: int) -> None:
    """Raise LimitExceeded for a text of this length. Callers check before they create the text, because later may be too late."""
    if chars > _MAX_TEXT:
        raise LimitExceeded(f"The text would have more than {_MAX_TEXT} characters")


def matching(pattern: str, text: str, budget: Budget) -> Pattern:
    """Return the compiled pattern for this text. Charge what matching it may take: a repeated group keeps a place in memory for
    each of its rounds."""
    budget.charge((_PER_ROUND if _REPEATED_GROUP.search(pattern) else 4) * len(text))
    return compile_regex(pattern)


def first_match(pattern: str, text: str, budget: Budget) -> Match | None:
    """Return the first place where the pattern matches."""
    compiled = matching(pattern, text, budget)
    return _in_time(pattern, lambda: compiled.search(text, timeout=SECONDS))


def all_matches(pattern: str, text: str, budget: Budget, most: int | None = None) -> list[Match]:
    """Return the places where the pattern matches, ``most`` of them at most."""
    compiled = matching(pattern, text, budget)
    found: list[Match] = []

    def gather() -> None:
        for match in compiled.finditer(text, timeout=SECONDS):
            budget.charge(_PER_MATCH)
            found.append(match)
            if len(found) == most:
                return

    _in_time(pattern, gather)
    return found


def substitute(pattern: str, replacement: str, text: str, budget: Budget) -> str:
    """Replace all matches. Raise ExpressionError, also for a reference to a group that the pattern does not have."""
    compiled = matching(pattern, text, budget)
    written = _replacement(replacement)
    size = 0

    def expand(match: Match) -> str:
        nonlocal size
        parts = [part if group is None else match[group] or "" for part, group in written]
        made = sum(map(len, parts))
        size += made
        bounded_length(size)
        budget.charge(_PER_MATCH + 4 * made)
        return "".join(parts)

    try:
        replaced: str = _in_time(pattern, lambda: compiled.sub(expand, text, timeout=SECONDS))
    except (regex.error, IndexError) as error:
        raise ExpressionError(f"The replacement `{replacement[:100]}` is not valid: {error}") from error
    return replaced


def divided(pattern: str, text: str, limit: int, budget: Budget) -> list[str]:
    """Return the parts between matches, as Java's ``String.split`` does: at most ``limit`` parts; 0 leaves out empty ones at the
    end; less than 0 keeps all."""
    compiled = matching(pattern, text, budget)
    budget.chars(text)
    parts: list[str] = []
    begin = 0

    def divide() -> None:
        nonlocal begin
        for match in compiled.finditer(text, timeout=SECONDS):
            if limit > 0 and len(parts) == limit - 1:
                return
            if match.end() == 0:
                continue  # an empty match at the start makes no part
            budget.charge(PER_VALUE + PER_ELEMENT)
            parts.append(text[begin : match.start()])
            begin = match.end()

    _in_time(pattern, divide)
    parts.append(text[begin:])
    if limit == 0 and len(parts) > 1:
        while parts and not parts[-1]:
            parts.pop()
    return parts


def fits(pattern: str, text: str) -> bool:
    """Return whether the whole text matches. For callers outside of a rendering. Raise ExpressionError."""
    budget = Budget(DEFAULT_LIMITS.max_bytes)
    before, RUNNING.budget = RUNNING.budget, budget
    try:
        compiled = matching(pattern, text, budget)
        return _in_time(pattern, lambda: compiled.fullmatch(text, timeout=SECONDS)) is not None
    finally:
        RUNNING.budget = before


def _replacement(text: str) -> list[tuple[str, str | int | None]]:
    """Return texts, and ``$1`` and ``${name}`` as numbers and names of groups."""
    parts: list[tuple[str, str | int | None]] = []
    for literal, name, number in _REFERENCE.findall(text):
        if name:
            parts.append(("", int(name) if name.isdigit() else name))
        elif number:
            parts.append(("", int(number)))
        else:
            parts.append(("$" if literal == "\\$" else literal, None))
    return parts
