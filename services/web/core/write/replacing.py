"""Search and replace in the sources of flows: what would change on which line, and the sources that result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from contracts.language.expression.budget import Budget
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.overrun import RUNNING
from contracts.language.expression.pattern import compile_regex, substitute
from contracts.language.expression.scope import DEFAULT_LIMITS
from services.web.core.problem import invalid_argument
from services.web.core.view.page import Json


@dataclass(frozen=True, slots=True)
class Replacing:
    pattern: str
    """A regular expression that never spans lines."""
    replacement: str
    """``$1`` stands for a group of the pattern."""

    def line(self, text: str, budget: Budget) -> str:
        return substitute(self.pattern, self.replacement, text, budget)


def replacing_of(body: Json) -> Replacing:
    """Raises Problem 422."""
    query, replacement = body.get("query"), body.get("replacement")
    if not isinstance(query, str) or not query or not isinstance(replacement, str):
        raise invalid_argument("`query`, not empty, and `replacement` must be texts")
    if body.get("scope") not in {None, "ALL"}:
        raise invalid_argument("`scope` must be ALL: a part of the source cannot be chosen")
    is_regex = _flag(body, "regex")
    pattern = query if is_regex else re.escape(query)
    if _flag(body, "wholeWord"):
        pattern = rf"\b(?:{pattern})\b"
    if not _flag(body, "caseSensitive"):
        pattern = f"(?i){pattern}"
    try:
        compile_regex(pattern)
    except ExpressionError as error:
        raise invalid_argument(str(error)) from None
    return Replacing(pattern, replacement if is_regex else replacement.replace("$", "\\$"))


def changed_lines(source: str, wanted: Replacing) -> list[Json]:
    """Lines that match, from 1, as they are and as they would be. Raises Problem 422."""
    with _bounded() as budget:
        return [
            {"line": number, "before": line, "after": wanted.line(line, budget)}
            for number, line in enumerate(source.splitlines(), 1)
            if compile_regex(wanted.pattern).search(line)
        ]


def replaced(source: str, wanted: Replacing, only: int | None = None) -> str:
    """``only``: the one line that may change, from 1. Raises Problem 422."""
    with _bounded() as budget:
        return "".join(_lines(source, wanted, only, budget))


def _lines(source: str, wanted: Replacing, only: int | None, budget: Budget) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        text = line.rstrip("\r\n")
        yield wanted.line(text, budget) + line[len(text) :] if only in {None, number} else line


@contextmanager
def _bounded() -> Iterator[Budget]:
    """A pattern that takes too long is ended as a rendering is."""
    budget = Budget(DEFAULT_LIMITS.max_bytes)
    before, RUNNING.budget = RUNNING.budget, budget
    try:
        yield budget
    except ExpressionError as error:
        raise invalid_argument(str(error)) from None
    finally:
        RUNNING.budget = before


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid_argument(f"`{name}` must be true or false")
    return bool(value)
