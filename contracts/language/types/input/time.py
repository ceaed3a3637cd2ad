"""``TIME``: a time of day."""

from __future__ import annotations

import re
from datetime import time

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.bound import outside_time
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class TimeInput(Input):
    """A text of the form `HH:mm[:ss[.n]]`. Bounds are inclusive."""

    after: time | None = Field(None, description="the first time of day")
    before: time | None = Field(None, description="the last time of day")


_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?")


def read(text: str) -> time:
    try:
        whole, _, fraction = (text if _TIME.fullmatch(text) else "").partition(".")
        return time.fromisoformat(whole).replace(microsecond=int(fraction[:6].ljust(6, "0")))
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed, use HH:mm[:ss]") from None


def parse(value: object) -> str:
    text = read(text_of(value)).isoformat()
    return text.rstrip("0") if "." in text else text


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
