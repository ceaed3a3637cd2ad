"""``TIME``: a time of day."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside_time
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class TimeInput(Input):
    """A text of the form `HH:mm[:ss]`. Bounds are inclusive."""

    after: time | None = Field(None, description="the first time of day")
    before: time | None = Field(None, description="the last time of day")


def read(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed, use HH:mm[:ss]") from None


def parse(value: object) -> str:
    return read(text_of(value)).isoformat()


def check(declared: TimeInput, value: str) -> list[str]:
    return outside_time(read(value), declared.after, declared.before)


TIME = InputType(
    name="TIME",
    title="Time of day",
    properties=TimeInput,
    examples=("""{id: at, type: TIME, after: "08:00", before: "18:00"}""",),
    parse=parse,
    check=check,
)
