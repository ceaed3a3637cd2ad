"""Reads a person's text about where to begin in a topic. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from toccata.cli.errors import MISUSED, CommandError

Start = Literal["earliest", "latest"] | int
"""An int: milliseconds since the epoch."""

_AGO = re.compile(r"(\d+)(s|m|h|d)")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def parse_start(text: str, now: int) -> Start:
    """``earliest``, ``latest``, an instant, or how long ago. Raises CommandError. An instant without zone is local."""
    if text == "earliest":
        return "earliest"
    if text == "latest":
        return "latest"
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise CommandError(
            f"--from {text} is not a starting point.",
            "Write latest, earliest, an instant such as 2026-01-31T12:00:00Z, or how long ago: 30s, 10m, 2h, 1d.",
            MISUSED,
        ) from None


def in_words(topic: str, start: Start, given: str) -> str:
    """A note for a person who sees nothing yet."""
    if start == "latest":
        return (
            f"Waiting for new records on {topic}. For older ones: --from earliest, or --from 10m."
            " Ctrl-C ends it."
        )
    since = "" if start == "earliest" else f" since {given}"
    return f"Showing {topic}{since}, and what is still to come. Ctrl-C ends it."
