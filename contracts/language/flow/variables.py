"""The shapes of variables that templates see of an execution: labels nested by their dots, outputs below task and loop value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.scalars import JsonObject


def nested_labels(labels: Mapping[str, str]) -> JsonObject:
    """Read ``a.b: c`` as ``labels.a.b``. If a key is both a text and a prefix, the first one wins."""
    found: JsonObject = {}
    for key, value in labels.items():
        place, *rest = found, *key.split(".")
        for part in rest[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                break
        else:
            place.setdefault(rest[-1], value)
    return found


def put(into: JsonObject, path: Sequence[str], value: JsonObject) -> None:
    """Put ``value`` at its path, merged with the value that is there already."""
    for part in path[:-1]:
        below = into.get(part)
        if not isinstance(below, dict):
            below = into[part] = {}
        into = below
    last = path[-1]
    present = into.get(last)
    into[last] = value if not present else merged(present, value)


def merged(first: Any, second: Any) -> Any:
    """Merge deeply: maps merge, lists are appended, otherwise the later value wins. Neither argument is changed."""
    if isinstance(first, dict) and isinstance(second, dict):
        result = dict(first)
        for key, value in second.items():
            result[key] = merged(result[key], value) if key in result else value
        return result
    if isinstance(first, list) and isinstance(second, list):
        return first + second
    return second
