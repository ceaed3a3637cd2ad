"""A given value to a typed one, as the type of an input or of a flow output says."""

from __future__ import annotations

from contracts.language.types.index import INPUTS
from contracts.language.types.input.value import text_of


def typed(type_name: str, value: object, item_type: str | None) -> object:
    """Raise ValueError with the cause if the value does not fit. ``item_type`` counts for lists of typed items."""
    known = INPUTS[type_name]
    read = known.parse(value)
    if not known.typed_items or not isinstance(read, list):
        return read
    item_type = item_type or "STRING"
    if item_type not in INPUTS:
        raise ValueError(f"`{item_type}` is no type of items, use one of {', '.join(sorted(INPUTS))}")
    return [None if each is None else _item(item_type, each) for each in read]


def _item(item_type: str, value: object) -> object:
    try:
        return typed(item_type, value, item_type)
    except ValueError:
        raise ValueError(f"Unable to parse array element as `{item_type}` on `{text_of(value)}`") from None
