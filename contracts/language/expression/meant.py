"""Guesses what a template's author meant by an unknown word."""

from __future__ import annotations

from collections.abc import Collection

from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import IMPURE_FUNCTIONS
from contracts.language.nearest import did_you_mean

ABSENT_FUNCTIONS = frozenset({"datafaker"})
ABSENT_FILTERS: frozenset[str] = frozenset()
"""Kestra's words that are missing here. A template with one is refused, and the author is told why."""

_NOT_BUILT = "Kestra has it, but Toccata does not have it yet."


def function_meant(name: str, macros: Collection[str]) -> str:
    if name in ABSENT_FUNCTIONS:
        return _NOT_BUILT
    if name in FILTERS:
        return f"`{name}` is a filter: write `value | {name}`."
    return did_you_mean(name, [*FUNCTIONS, *IMPURE_FUNCTIONS, *macros])


def filter_meant(name: str) -> str:
    if name in ABSENT_FILTERS:
        return _NOT_BUILT
    if name in FUNCTIONS or name in IMPURE_FUNCTIONS:
        return f"`{name}` is a function: write `{name}(value)`."
    return did_you_mean(name, FILTERS)
