"""How functions and filters are declared: name, parameters, implementation and documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.operator import name_of
from contracts.language.expression.text import to_text

ABSENT = object()
"""Stands for a parameter that was not given."""


@dataclass(frozen=True, slots=True)
class Word:
    """``run`` is called as ``run(frame, value, *arguments)`` for filters, ``run(frame, *arguments)`` for functions."""

    run: Callable[..., Any]
    parameters: tuple[str, ...] = ()
    required: int = 0
    variadic: bool = False
    """Takes any number of further positional arguments."""
    doc: str = ""
    """The result, in Markdown."""
    example: str = ""
    """A template, an arrow and its result. Without an arrow if the result varies. Tests run it."""


def text_of(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return to_text(value)
    raise ExpressionError(f"{what} needs text, found {name_of(value)}")


def list_of(value: object, what: str) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise ExpressionError(f"{what} needs a list, found {name_of(value)}")


def integer_of(value: object, what: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ExpressionError(f"{what} needs an integer, found {name_of(value)}")
