"""Regular expressions of flow authors: Java's syntax where it differs from Python's, and no patterns that never end.

Python's engine backtracks: a pattern like ``(a+)+$`` takes exponential time on a text that does not match. Compiling
therefore refuses nested unbounded repetition. The rest is polynomial, which is still too slow on long texts. So matching
counts as a rendering, which services end in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined] # the parsed pattern is not public; tested against upgrades
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.overrun import RUNNING
from contracts.language.expression.scope import DEFAULT_LIMITS

_MAX_PATTERN = 1_000
_MAX_TEXT = 1_048_576
_MANY = 100
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_PER_ROUND = 160
"""Bytes that Python keeps for a round of a repeated group. A round matches a character at least."""
_PER_MATCH = 160
"""Bytes of the list of parts that becomes the result."""
_MANY_PARTS = 4_096
_REFERENCE = re.compile(r"(\\\$|[^\\$]+|\\|\$(?![{0-9])|\$\{(?!\w+\}))|\$\{(\w+)\}|\$([0-9]{1,4})")


def compile_regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern. Raise ExpressionError if it is broken, too long, or nests unbounded repetition."""
    if len(pattern) > _MAX_PATTERN:
        raise LimitExceeded(f"The regular expression has more than {_MAX_PATTERN} characters")
    return _compiled(pattern)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern)
    try:
        if _nests(_parser.parse(translated), inside=False):
            raise LimitExceeded(
                f"The regular expression `{pattern}` repeats a repetition and could take for ever"
            )
        return re.compile(translated)
    except (re.error, RecursionError, OverflowError) as error:
        raise ExpressionError(f"The regular expression `{pattern}` is not valid: {error}") from error


def bounded_length(chars: int) -> None:
    """Raise LimitExceeded for a text of this length. Callers check before they create the text, because later may be too late."""
    if chars > _MAX_TEXT:
        raise LimitExceeded(f"The text would have more than {_MAX_TEXT} characters")


def matching(pattern: str, text: str, budget: Budget) -> re.Pattern[str]:
    """Return the compiled pattern for this text. Charge what matching it may take: a repeated group keeps a place in memory for
    each of its rounds."""
    budget.charge((_PER_ROUND if _REPEATED_GROUP.search(pattern) else 4) * len(text))
    return compile_regex(pattern)


def substitute(pattern: str, replacement: str, text: str, budget: Budget) -> str:
    """Replace all matches. Raise ExpressionError, also for a reference to a group that the pattern does not have."""
    compiled = matching(pattern, text, budget)
    written = _replacement(replacement)
    size = 0

    def expand(match: re.Match[str]) -> str:
        nonlocal size
        parts = [part if group is None else match[group] or "" for part, group in written]
        made = sum(map(len, parts))
        size += made
        bounded_length(size)
        budget.charge(_PER_MATCH + 4 * made)
        return "".join(parts)

    try:
        return compiled.sub(expand, text)
    except (re.error, IndexError) as error:
        raise ExpressionError(f"The replacement `{replacement[:100]}` is not valid: {error}") from error


def divided(pattern: str, text: str, most: int, budget: Budget) -> list[str]:
    """Return the parts between matches. ``most`` is the most splits; 0 is no limit."""
    compiled = matching(pattern, text, budget)
    parts = len(text) + 2
    if parts > _MANY_PARTS:
        parts = sum(1 for _ in compiled.finditer(text)) + 1
    groups = 1 + compiled.groups
    budget.charge((parts if not most else min(parts, most + 1)) * groups * (PER_VALUE + PER_ELEMENT))
    budget.chars(text, groups)
    return compiled.split(text, maxsplit=most)


def fits(pattern: str, text: str) -> bool:
    """Return whether the whole text matches. For callers outside of a rendering. Raise ExpressionError."""
    budget = Budget(DEFAULT_LIMITS.max_bytes)
    before, RUNNING.budget = RUNNING.budget, budget
    try:
        return matching(pattern, text, budget).fullmatch(text) is not None
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


def _nests(parsed: Iterable[Any], *, inside: bool) -> bool:
    for operation, argument in parsed:
        unbounded = False
        if operation in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            unbounded = argument[1] == _constants.MAXREPEAT or argument[1] > _MANY
            if unbounded and inside:
                return True
        if any(_nests(part, inside=inside or unbounded) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> list[Any]:
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for item in argument for part in _parts(item)]
    return []
