"""Reads the backfill of a schedule as clients of both generations write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.scalars import JsonObject, Millis, to_millis
from services.web.core.instant import parse_instant
from services.web.core.problem import invalid_argument
from services.web.core.write.label import read_labels


@dataclass(frozen=True, slots=True)
class NewBackfill:
    start: Millis
    end: Millis
    inputs: JsonObject
    labels: dict[str, str]


def read_backfill(written: Any, now: Millis) -> NewBackfill:
    """Without an end it ends now. Raises Problem."""
    if not isinstance(written, dict):
        raise invalid_argument(
            "`backfill` must be an object with `start`, and perhaps `end`, `inputs` and `labels`"
        )
    start = _instant(written, "start")
    if start is None:
        raise invalid_argument("`backfill.start` is required")
    end = _instant(written, "end")
    if end is None:
        end = now
    if end < start:
        raise invalid_argument("`backfill.end` must not be before `backfill.start`")
    inputs = written.get("inputs")
    if inputs is not None and not isinstance(inputs, dict):
        raise invalid_argument("`backfill.inputs` must be an object")
    labels = written.get("labels")
    return NewBackfill(start, end, inputs or {}, read_labels(labels) if labels else {})


def _instant(written: dict[str, Any], name: str) -> Millis | None:
    text = written.get(name)
    if text is None:
        return None
    instant = parse_instant(text) if isinstance(text, str) else None
    if instant is None:
        raise invalid_argument(f"`backfill.{name}` must be an instant such as 2026-01-01T00:00:00Z")
    return to_millis(instant)
