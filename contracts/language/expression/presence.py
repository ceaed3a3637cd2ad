"""Whether there is anything to render. Light: declarations import it, and most values hold no expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def has_expression(value: object) -> bool:
    """Whether a text holds an expression or a tag, or any text within maps (keys too) and lists does."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(has_expression(key) or has_expression(item) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return any(has_expression(item) for item in value)
    return False
