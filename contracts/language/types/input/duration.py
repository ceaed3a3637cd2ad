"""``DURATION``: how long something takes."""

from __future__ import annotations

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.duration import format_duration, parse_duration
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of
from contracts.language.types.property import Duration


class DurationInput(Input):
    """A text of ISO 8601 with days and time, such as `PT1H30M`. Bounds are inclusive."""

    min: Duration | None = Field(None, description="the shortest")
    max: Duration | None = Field(None, description="the longest")


def parse(value: object) -> str:
    return format_duration(parse_duration(text_of(value)))


def check(declared: DurationInput, value: str) -> list[str]:
    length = parse_duration(value)
    causes = []
    if declared.min is not None and length < declared.min:
        causes.append(f"It must be more than `{format_duration(declared.min)}`")
    if declared.max is not None and length > declared.max:
        causes.append(f"It must be less than `{format_duration(declared.max)}`")
    return causes


DURATION = InputType(
    name="DURATION",
    title="Duration",
    properties=DurationInput,
    examples=("{id: patience, type: DURATION, min: PT1M, max: P1D}",),
    parse=parse,
    check=check,
)
