"""``ENUM``: the old form of ``SELECT``."""

from __future__ import annotations

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.choice import Choice
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class EnumInput(Input):
    """The text of one of the options."""

    values: tuple[str, ...] = Field(description="the options")


def choice(declared: EnumInput) -> Choice:
    return Choice(written=declared.values)


ENUM = InputType(
    name="ENUM",
    title="One of several texts",
    properties=EnumInput,
    deprecated_by="SELECT",
    examples=("{id: stage, type: ENUM, values: [test, live]}",),
    parse=text_of,
    choice=choice,
)
