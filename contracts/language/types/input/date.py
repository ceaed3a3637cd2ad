"""``DATE``: a day of the calendar."""

from __future__ import annotations

import re
from datetime import date

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside_time
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class DateInput(Input):
    """A text of the form `yyyy-MM-dd`. Bounds are inclusive."""

    after: date | None = Field(None, description="the first day")
    before: date | None = Field(None, description="the last day")


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read(text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed, use yyyy-MM-dd") from None


def parse(value: object) -> str:
    return read(text_of(value)).isoformat()


def check(declared: DateInput, value: str) -> list[str]:
    return outside_time(read(value), declared.after, declared.before)


DATE = InputType(
    name="DATE",
    title="Day",
    properties=DateInput,
    examples=("{id: day, type: DATE, after: 2024-01-01}",),
    parse=parse,
    check=check,
)
