"""How functions and filters are declared: name, parameters, implementation and documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.operator import name_of
from contracts.language.expression.text import float_text

_LONGEST_WORD = 200
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
        return float_text(value) if isinstance(value, float) else str(value)
    raise ExpressionError(f"{what} needs text, found {name_of(value)}")


def word_of(value: object, what: str) -> str:
    """Return a text that names something, which is short."""
    text = text_of(value, what)
    if len(text) > _LONGEST_WORD:
        raise ExpressionError(f"{what} needs a name, found {len(text)} characters")
    return text


def list_of(value: object, what: str) -> list[Any] | tuple[Any, ...]:
    """Return the list itself. Never change it: others may hold it too."""
    if isinstance(value, list | tuple):
        return value
    raise ExpressionError(f"{what} needs a list, found {name_of(value)}")


def integer_of(value: object, what: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ExpressionError(f"{what} needs an integer, found {name_of(value)}")
