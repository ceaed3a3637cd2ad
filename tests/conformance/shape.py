"""The shape of an answer: its fields and their types. Values change, but clients rely on shapes.

``text``, ``number`` and ``boolean`` are values. A map is an object with at least these fields. ``[shape]`` is a list with at
least one item, ``[maybe, shape]`` a list that may be empty, ``[]`` any list."""

from __future__ import annotations

from typing import Any


def differences(shape: Any, actual: Any, path: str = "") -> list[str]:
    """Return where the answer lacks a field or has one of another type. Additional fields are allowed."""
    if isinstance(shape, dict):
        if not isinstance(actual, dict):
            return [f"{path or '(all)'}: expected an object, not {_kind(actual)}"]
        found = []
        for key, below in shape.items():
            at = f"{path}.{key}" if path else key
            found += differences(below, actual[key], at) if key in actual else [f"{at}: missing"]
        return found
    if isinstance(shape, list):
        return _list_differences(shape, actual, path)
    if shape not in {"text", "number", "boolean"}:
        raise ValueError(f"{path}: `{shape}` is not a shape")
    return [] if _kind(actual) == shape else [f"{path or '(all)'}: expected {shape}, not {_kind(actual)}"]


def _list_differences(shape: list[Any], actual: Any, path: str) -> list[str]:
    if not isinstance(actual, list):
        return [f"{path or '(all)'}: expected a list, not {_kind(actual)}"]
    if not shape:
        return []
    if not actual:
        return [] if shape[0] == "maybe" else [f"{path or '(all)'}: expected items, there are none"]
    return differences(shape[-1], actual[0], f"{path}[]")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if value is None:
        return "null"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"
