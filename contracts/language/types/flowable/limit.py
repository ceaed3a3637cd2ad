"""How many tasks of a flowable run at once: written as a number, or as an expression that gives one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import compile_template
from contracts.language.types.behaviour import Group, Rendering, RenderingFailed

MOST = 1_000_000


def read(written: object) -> object:
    """Before validation: a number in a text becomes a number. Raise ValueError for one that is no limit."""
    if isinstance(written, str) and has_expression(written):
        return written
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        raise ValueError(f"must be a whole number or an expression, not `{written}`")  # noqa: TRY004 - pydantic reports ValueError only
    try:
        number = int(written)
    except ValueError:
        raise ValueError(f"must be a whole number, not `{written}`") from None
    if number < 0:
        raise ValueError("must be greater than or equal to 0")
    return min(number, MOST)


Limit = Annotated[
    int | str, BeforeValidator(read), WithJsonSchema({"type": ["integer", "string"], "minimum": 0})
]
"""Whoever runs the flowable renders an expression, once, when it opens. 0: no limit."""


def rendered(limit: int | str, rendering: Rendering) -> int | None:
    """Return what an expression gives. None if a number is written. Raise RenderingFailed for what is no limit."""
    if isinstance(limit, int):
        return None
    text = rendering.text(compile_template(limit)).strip()
    try:
        found = read(text)
    except ValueError as error:
        raise RenderingFailed(f"The number of tasks at once {error}") from None
    assert isinstance(found, int)
    return found


def most(limit: int | str, group: Group) -> int:
    """Return the limit that counts for these runs."""
    if group.limit is not None:
        return group.limit
    return limit if isinstance(limit, int) else 0
