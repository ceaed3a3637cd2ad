"""Reads filters that a client writes as JSON in a body: ``{"field", "operation", "value"}``, and groups of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.web.core.search.query import InvalidFilter


def written_filters(written: Any, place: str = "filters") -> Iterator[tuple[str, str]]:
    """Yield each as it stands in a query string, where everything else about filters is checked. Raises InvalidFilter."""
    if not isinstance(written, list):
        raise InvalidFilter("filters", "expected a list of objects with `field`, `operation` and `value`")
    for number, each in enumerate(written):
        if not isinstance(each, dict):
            raise InvalidFilter("filters", "expected an object with `field`, `operation` and `value`")
        if "logical" in each:
            # Its own place, because groups of one kind at one place are one group.
            group = f"{place}[and][{number}][{str(each['logical']).lower()}]"
            children = each.get("children")
            for index, child in enumerate(children if isinstance(children, list) else [None]):
                yield from written_filters([child], f"{group}[{index}]")
        else:
            yield from _leaf(each, place)


def _leaf(each: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    field, operation, value = (each.get(name) for name in ("field", "operation", "value"))
    if not isinstance(field, str) or not isinstance(operation, str) or value is None:
        raise InvalidFilter("filters", "each needs `field`, `operation` and `value`")
    name = f"{place}[{field}][{operation}]"
    if isinstance(value, dict):
        for key, text in value.items():
            yield f"{name}[{key}]", _text(text)
    elif isinstance(value, list):
        yield name, ",".join(_text(item) for item in value)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
