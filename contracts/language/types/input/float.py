"""``FLOAT``: a number with decimals."""

from __future__ import annotations

import re

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of

_GREATEST = 3.4028235e38
"""Of a float of 32 bits, as Kestra has it."""


class FloatInput(Input):
    """A number, or its text. Bounds are inclusive."""

    min: float | None = Field(None, description="the least value")
    max: float | None = Field(None, description="the greatest value")


def parse(value: object) -> float:
    text = text_of(value).strip()
    if not re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", text):
        raise ValueError(f'For input string: "{text}"')
    number = float(text)
    if abs(number) > _GREATEST:
        raise ValueError(f'For input string: "{text}"')
    return number


def check(declared: FloatInput, value: float) -> list[str]:
    return outside(value, declared.min, declared.max)


FLOAT = InputType(
    name="FLOAT",
    title="Number",
    properties=FloatInput,
    examples=("{id: rate, type: FLOAT, min: 0, max: 1}",),
    parse=parse,
    check=check,
)
