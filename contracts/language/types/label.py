"""Labels as tasks write them, rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.json_text import dumps
from contracts.language.types.behaviour import RenderingFailed


def labels_of(written: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Read a map, or a list of ``key`` and ``value``. What is no text becomes its JSON. Raise RenderingFailed for what is no label."""
    pairs = (
        list(written.items())
        if isinstance(written, Mapping)
        else [(each.get("key"), each.get("value")) for each in written]
    )
    labels: dict[str, str] = {}
    for key, value in pairs:
        if not isinstance(key, str) or not key or value is None:
            raise RenderingFailed(f"A label needs a key and a text, not `{key}`: `{value}`")
        if key.startswith("system."):
            raise RenderingFailed(
                f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            )
        labels[key] = value if isinstance(value, str) else dumps(value).decode()
    return labels
