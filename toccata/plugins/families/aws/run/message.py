"""What flows write as messages, records and events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toccata.plugin import TaskFailed


def message(row: object, what: str, *needed: str) -> Mapping[str, Any]:
    """A map with what it needs, by default ``data``. Raise TaskFailed."""
    wanted = needed or ("data",)
    if not isinstance(row, Mapping):
        raise TaskFailed(f"{what}: each must be a map with `{'`, `'.join(wanted)}`, not {row!r:.100}")
    for name in wanted:
        if row.get(name) is None:
            raise TaskFailed(f"{what}: `{name}` is missing in {dict(row)!r:.100}")
    return row
