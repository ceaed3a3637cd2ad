"""``DATETIME``: an instant."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside_time
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class DateTimeInput(Input):
    """A text with the offset of its zone, such as `2024-05-01T10:00:00Z`. Bounds are inclusive."""

    after: AwareDatetime | None = Field(None, description="the first instant")
    before: AwareDatetime | None = Field(None, description="the last instant")


def read(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValueError(f"Text '{text}' could not be parsed, use an instant such as 2024-05-01T10:00:00Z")
    return value


def parse(value: object) -> str:
    return read(text_of(value)).isoformat().replace("+00:00", "Z")


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
