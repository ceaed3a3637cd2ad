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

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.overrun import RUNNING

_MAX_PATTERN = 1_000
_MAX_TEXT = 1_048_576
_MANY = 100


@lru_cache(maxsize=512)
def compile_regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern. Raise ExpressionError if it is broken, too long, or nests unbounded repetition."""
    if len(pattern) > _MAX_PATTERN:
        raise LimitExceeded(f"The regular expression has more than {_MAX_PATTERN} characters")
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


def substitute(pattern: str, replacement: str, text: str) -> str:
    """Replace all matches. Raise ExpressionError, also for a reference to a group that the pattern does not have."""
    template, size = java_replacement(replacement), 0

    def expand(match: re.Match[str]) -> str:
        nonlocal size
        expanded = match.expand(template)
        size += len(expanded)
        bounded_length(size)
        return expanded

    try:
        return compile_regex(pattern).sub(expand, text)
    except (re.error, IndexError) as error:
        raise ExpressionError(f"The replacement `{replacement[:100]}` is not valid: {error}") from error


def fits(pattern: str, text: str) -> bool:
    """Return whether the whole text matches. For callers outside of a rendering. Raise ExpressionError."""
    before, RUNNING.rendering = RUNNING.rendering, object()
    try:
        return compile_regex(pattern).fullmatch(text) is not None
    finally:
        RUNNING.rendering = before


def java_replacement(text: str) -> str:
    """Turn ``$1`` and ``${name}`` into the syntax of Python's ``sub``."""
    escaped = text.replace("\\$", "\x00").replace("\\", "\\\\")
    escaped = re.sub(r"\$\{(\w+)\}", r"\\g<\1>", escaped)
    return re.sub(r"\$(\d+)", r"\\g<\1>", escaped).replace("\x00", "$")


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
