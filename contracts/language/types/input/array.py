"""``ARRAY``: a list of values of one type."""

from __future__ import annotations

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import ListInput
from contracts.language.types.input.value import list_of


class ArrayInput(ListInput):
    """A list, or the text of a JSON array."""


def parse(value: object) -> list[object]:
    return list(list_of(value, "JSON array"))


ARRAY = InputType(
    name="ARRAY",
    title="List of values of one type",
    properties=ArrayInput,
    examples=("{id: ports, type: ARRAY, itemType: INT, defaults: [80, 443]}",),
    parse=parse,
    typed_items=True,
)
