"""Patterns of files and keys: ``**``, ``*``, ``?``, ``[a-z]``, ``{a,b}`` over relative paths. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w")


@lru_cache(maxsize=1024)
def glob_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that begins with a word character matches in any folder (docs/language/tasks.md#globs)."""
    prefix = r"(?:.*/)?" if _WORD.match(pattern) else ""
    return re.compile(prefix + _translated(pattern.removeprefix("./")))


def has_wildcard(pattern: str) -> bool:
    return any(char in pattern for char in "*?[{")


def _translated(pattern: str) -> str:
    out, braces, at = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if pattern.startswith("**/", at - 1):
            out, at = out + r"(?:.*/)?", at + 2
        elif pattern.startswith("**", at - 1):
            out, at = out + ".*", at + 1
        elif char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[" and (end := pattern.find("]", at + 1)) > 0:
            inner = pattern[at:end].replace("\\", "\\\\").replace("[", r"\[")
            out, at = out + "[" + ("^" + inner[1:] if inner[0] == "!" else inner) + "]", end + 1
        elif char == "{" and "}" in pattern[at:]:
            out, braces = out + "(?:", braces + 1
        elif char == "}" and braces:
            out, braces = out + ")", braces - 1
        elif char == "," and braces:
            out += "|"
        else:
            out += re.escape(char)
    return out
