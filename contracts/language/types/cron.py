"""The grammar of cron lines (docs/language/triggers.md#cron). Which dates a line means is the schedule's
business, not ours."""

from __future__ import annotations

import re

NICKNAMES = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("seconds", 0, 59, {}),
    ("minutes", 0, 59, {}),
    ("hours", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_PART = re.compile(r"(\*|[0-9]{1,2}|[A-Za-z]{3})(?:-([0-9]{1,2}|[A-Za-z]{3}))?(?:/([0-9]{1,3}))?")


def cron_problem(line: str, *, with_seconds: bool = False) -> str | None:
    """Why this is no cron line, or None if it is one."""
    text = line.strip()
    if text.startswith("@"):
        if text.lower() in NICKNAMES:
            return None
        return f"unknown nickname `{text}`, known are {', '.join(sorted(NICKNAMES))}"
    words = text.split()
    fields = _FIELDS if with_seconds else _FIELDS[1:]
    if len(words) != len(fields):
        hint = " (set `withSeconds: true` for a leading seconds field)" if len(words) == 6 else ""
        return f"`{line}` has {len(words)} fields, {len(fields)} are needed{hint}"
    for word, (name, low, high, names) in zip(words, fields, strict=True):
        for part in word.split(","):
            problem = _part_problem(part, low, high, names)
            if problem:
                return f"{name}: {problem}"
    return None


def _part_problem(part: str, low: int, high: int, names: dict[str, int]) -> str | None:
    match = _PART.fullmatch(part)
    if match is None:
        return f"`{part}` is not understood: use numbers, `*`, lists, ranges and steps"
    first, last, step = match.groups()
    if first == "*" and last is not None:
        return f"`{part}` is not understood: a range needs two numbers"
    if step is not None and not 1 <= int(step) <= high:
        return f"step `{step}` is out of range"
    numbers = []
    for word in (first, last):
        if word is None or word == "*":
            continue
        number = names.get(word.upper()) if word.isalpha() else int(word)
        if number is None or not low <= number <= high:
            return f"`{word}` is out of range {low}-{high}"
        numbers.append(number)
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        return f"range `{part}` runs backwards"
    return None
