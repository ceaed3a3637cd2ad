"""Turns ``:name`` into the placeholders of a driver, and collects the values in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from toccata.plugins.families.jdbc.run.splitter import Lexis, tokens

Style = Literal["format", "qmark", "numeric"]
"""``%s``, ``?``, ``:1``: the words of Python's database interface."""
_NAME = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Bound:
    sql: str
    values: Sequence[Any] | None
    """None: the text has no placeholder and is sent as it is, percent signs and all."""


def bound(sql: str, parameters: Mapping[str, Any], style: Style, lexis: Lexis = Lexis()) -> Bound:  # noqa: B008 - frozen
    """Names in texts, comments and quoted names are no parameters, nor is what follows a colon (``::date``)."""
    values: list[Any] = []

    def placeholder(found: re.Match[str]) -> str:
        if found[1] not in parameters:
            return found[0]
        values.append(parameters[found[1]])
        return mark(style, len(values))

    parts = _parts(sql, lexis)
    text = "".join(
        part if quoted else _NAME.sub(placeholder, part) for part, quoted in _escaped(parts, style)
    )
    return Bound(text, values) if values else Bound(sql, None)


def with_marks(sql: str, style: Style, lexis: Lexis = Lexis()) -> tuple[str, int]:  # noqa: B008 - frozen
    """Turn ``?`` into the driver's placeholders. The second value is their number."""
    count = 0

    def placeholder(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return mark(style, count)

    parts = _escaped(_parts(sql, lexis), style)
    return "".join(part if quoted else re.sub(r"\?", placeholder, part) for part, quoted in parts), count


def mark(style: Style, number: int) -> str:
    return {"format": "%s", "qmark": "?", "numeric": f":{number}"}[style]


def _parts(sql: str, lexis: Lexis) -> list[tuple[str, bool]]:
    """The text in pieces; True: a quoted one or a comment."""
    pieces: list[tuple[str, bool]] = []
    for token in tokens(sql, lexis):
        quoted = token.kind == "quoted" or (token.kind == "space" and not token.text.isspace())
        if pieces and pieces[-1][1] == quoted:
            pieces[-1] = (pieces[-1][0] + token.text, quoted)
        else:
            pieces.append((token.text, quoted))
    return pieces


def _escaped(parts: Sequence[tuple[str, bool]], style: Style) -> list[tuple[str, bool]]:
    """Drivers with ``%s`` read every percent sign, also in texts."""
    return [(part.replace("%", "%%") if style == "format" else part, quoted) for part, quoted in parts]
