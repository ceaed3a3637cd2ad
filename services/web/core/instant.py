"""Reads instants that clients write, and writes durations that they read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_LOST_PLUS = re.compile(r"(:\d{2}(?:[.,]\d+)?) (\d{2}:?\d{2})$")


def iso_duration(millis: int) -> str:
    """The duration as Java prints it: hours, minutes, seconds; ``PT0S`` for zero."""
    hours, rest = divmod(max(0, millis), 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, fraction = divmod(rest, 1_000)
    text = "PT"
    if hours:
        text += f"{hours}H"
    if minutes:
        text += f"{minutes}M"
    if rest or text == "PT":
        text += f"{seconds}.{fraction:03d}".rstrip("0").rstrip(".") + "S"
    return text


def parse_instant(text: str) -> datetime | None:
    """Read ISO text with an offset, with ``Z``, or without (then UTC). None if it is not an instant.

    A ``+`` that the client did not encode arrives as a space and is put back."""
    try:
        parsed = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.strip()))
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed
