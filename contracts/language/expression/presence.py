"""Tells whether a value has anything to render. It imports little, because declarations use it and most values have no expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def has_expression(value: object) -> bool:
    """Return whether a text has an expression or a tag. Maps (also their keys) and lists are searched."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(has_expression(key) or has_expression(item) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return any(has_expression(item) for item in value)
    return False


BEFORE_CONDITION = "{{ "


def condition_source(text: str) -> str:
    """Return the template of a trigger's condition. Without braces, all of it is one expression."""
    return text if has_expression(text) else f"{BEFORE_CONDITION}{text} }}}}"
