"""Java's ``DateTimeFormatter`` patterns: their names and their pieces. The modules that use them define the letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from contracts.language.expression.errors import ExpressionError, LimitExceeded

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

NAMED = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "iso_date": "yyyy-MM-ddXXX",
    "iso_time": "HH:mm:ssXXX",
    "iso_local_date": "yyyy-MM-dd",
    "iso_local_time": "HH:mm:ss",
    "iso_local_date_time": "yyyy-MM-dd'T'HH:mm:ss",
    "iso_offset_time": "HH:mm:ssXXX",
    "iso_date_time": "yyyy-MM-dd'T'HH:mm:ssXXX'['VV']'",
    "iso_zoned_date_time": "yyyy-MM-dd'T'HH:mm:ssXXX'['VV']'",
    "iso_ordinal_date": "yyyy-DDDXXX",
    "iso_week_date": "YYYY-'W'ww-eXXX",
    "full": "EEEE, MMMM d, yyyy 'at' h:mm:ss a VV",
    "long": "MMMM d, yyyy 'at' h:mm:ss a VV",
    "medium": "MMM d, yyyy, h:mm:ss a",
    "short": "M/d/yy, h:mm a",
}
_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(\[|\])|([^A-Za-z'\[\]]+)")


@dataclass(frozen=True, slots=True)
class Letters:
    """A run of one letter, which stands for a field of the date."""

    letter: str
    count: int


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """The start or end of a section that is optional when reading."""

    opens: bool


Piece: TypeAlias = Letters | Literal | Bracket


LONGEST = 200
"""Characters of a pattern, of a date and of a zone's name. Each letter may print many, and dates are read by matching."""


def not_too_long(text: str, what: str) -> None:
    if len(text) > LONGEST:
        raise LimitExceeded(f"{what} has more than {LONGEST} characters")


def pieces(pattern: str) -> Iterator[Piece]:
    """Split a pattern. Raise ExpressionError for a quote that is not closed."""
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise ExpressionError(f"The date format `{pattern}` has an unclosed quote")
        at = match.end()
        quoted, letter, bracket, other = match.groups()
        if letter:
            yield Letters(letter, len(match.group()))
        elif bracket:
            yield Bracket(bracket == "[")
        else:
            yield Literal(quoted.replace("''", "'") or "'" if quoted is not None else other)
