"""``INT``: a whole number."""

from __future__ import annotations

import re

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class IntInput(Input):
    """An integer of 32 bits, as a number or as text. Bounds are inclusive."""

    min: int | None = Field(None, description="the least value")
    max: int | None = Field(None, description="the greatest value")


def parse(value: object) -> int:
    text = text_of(value)
    if not re.fullmatch(r"[-+]?[0-9]{1,10}", text) or not -(2**31) <= int(text) < 2**31:
        raise ValueError(f'For input string: "{text}"')
    return int(text)


def check(declared: IntInput, value: int) -> list[str]:
    return outside(value, declared.min, declared.max)


INT = InputType(
    name="INT",
    title="Whole number",
    properties=IntInput,
    examples=("{id: times, type: INT, min: 1, max: 10}",),
    parse=parse,
    check=check,
)
