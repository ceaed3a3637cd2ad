"""Instants and durations as clients write and read them. The present is always an argument."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from contracts.scalars import Millis, to_millis

_DURATION = re.compile(
    r"^(?P<sign>[-+]?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,9})?)S)?)?$",
    re.IGNORECASE,
)
_UNITS = {"weeks": 604_800_000, "days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1_000}


def iso_duration(millis: int) -> str:
    """As Java prints it: hours, minutes, seconds; ``PT0S`` for nothing."""
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


def parse_duration(text: str) -> int | None:
    """Milliseconds of an ISO 8601 duration of fixed units, or None when it is none."""
    found = _DURATION.match(text.strip())
    if found is None or text.strip().upper().rstrip("T").endswith("P"):
        return None
    parts = {name: float(found[name]) for name in _UNITS if found[name] is not None}
    if not parts:
        return None
    total = round(sum(_UNITS[name] * amount for name, amount in parts.items()))
    return -total if found["sign"] == "-" else total


def parse_instant(text: str) -> Millis | None:
    """Of ISO text with offset, ``Z`` or none (then UTC). An un-encoded ``+`` arrived as a space: repaired."""
    cleaned = text.strip()
    repaired = re.sub(r" (\d{2}:?\d{2})$", r"+\1", cleaned)
    try:
        parsed = datetime.fromisoformat(repaired)
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return to_millis(parsed)
