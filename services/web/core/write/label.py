"""Reads labels in the two forms in which clients write them."""

from __future__ import annotations

from typing import Any

from services.web.core.problem import invalid_argument


def read_labels(written: Any) -> dict[str, str]:
    """Read a list of ``{key, value}`` or a map. Raises Problem."""
    pairs: list[tuple[Any, Any]] | None = list(written.items()) if isinstance(written, dict) else None
    if isinstance(written, list) and all(isinstance(each, dict) for each in written):
        pairs = [(each.get("key"), each.get("value")) for each in written]
    if pairs is None:
        raise invalid_argument("expected a list of labels, each with `key` and `value`")
    labels: dict[str, str] = {}
    for key, value in pairs:
        if not isinstance(key, str) or not key or not isinstance(value, (str, int, float)) or value == "":
            raise invalid_argument("a label needs a `key` and a `value` that are not empty")
        if key.startswith("system."):
            raise invalid_argument(
                f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            )
        labels.setdefault(key, str(value).lower() if isinstance(value, bool) else str(value))
    return labels
