"""jq's order of all values: null, false, true, numbers, texts, arrays, objects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

_NUMBER = (int, float, Decimal)


def type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, _NUMBER):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def order_of(value: Any) -> tuple[Any, ...]:
    """Return a key: values compare as their keys do."""
    match type_of(value):
        case "null":
            return (0,)
        case "boolean":
            return (2 if value else 1,)
        case "number":
            return (3, value)
        case "string":
            return (4, value)
        case "array":
            return (5, tuple(order_of(each) for each in value))
        case _:
            names = sorted(value)
            return (6, tuple(names), tuple(order_of(value[name]) for name in names))
