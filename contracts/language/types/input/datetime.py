"""``DATETIME``: an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pydantic import AwareDatetime, Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside_time
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class DateTimeInput(Input):
    """A text with the offset of its zone, such as `2024-05-01T10:00:00Z`. The value is the instant in UTC. Bounds are inclusive."""

    after: AwareDatetime | None = Field(None, description="the first instant")
    before: AwareDatetime | None = Field(None, description="the last instant")


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+", re.IGNORECASE)
_BEYOND_MICROS = re.compile(r"(\.[0-9]{6})[0-9]{1,3}")


def read(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(_BEYOND_MICROS.sub(r"\1", text)) if _INSTANT.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValueError(f"Text '{text}' could not be parsed, use an instant such as 2024-05-01T10:00:00Z")
    return value


def parse(value: object) -> str:
    return printed(read(text_of(value)))


def printed(instant: datetime) -> str:
    """In UTC, with as many groups of three decimals as it takes."""
    at = instant.astimezone(UTC)
    places = "seconds" if not at.microsecond else "microseconds" if at.microsecond % 1000 else "milliseconds"
    return at.replace(tzinfo=None).isoformat(timespec=places) + "Z"


def check(declared: DateTimeInput, value: str) -> list[str]:
    return outside_time(read(value), declared.after, declared.before)


DATETIME = InputType(
    name="DATETIME",
    title="Instant",
    properties=DateTimeInput,
    examples=("""{id: since, type: DATETIME, after: "2024-01-01T00:00:00Z"}""",),
    parse=parse,
    check=check,
)
