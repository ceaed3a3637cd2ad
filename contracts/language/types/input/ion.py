"""``ION``: any value, given as Amazon Ion."""

from __future__ import annotations

from contracts.language.expression import ion
from contracts.language.expression.budget import Budget
from contracts.language.expression.errors import ExpressionError
from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input

_BYTES = 67_108_864


class IonInput(Input):
    """A text is read as Ion, which holds one value. Everything else is taken as the value that it is."""


def parse(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        found = ion.read(value, Budget(_BYTES), all_values=True)
    except ExpressionError as error:
        raise ValueError(f"invalid Ion: {error}") from None
    if len(found) != 1:
        raise ValueError(f"expected one Ion value, but received {len(found)}")
    return found[0]


ION = InputType(
    name="ION",
    title="Value as Amazon Ion",
    properties=IonInput,
    examples=("""{id: order, type: ION, defaults: "{id:7,items:[]}"}""",),
    parse=parse,
)
