"""The slots of a list of dates: the first one after an instant, the last one before it. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from pydantic import ValidationError

from contracts.language.types.trigger.schedule_on_dates import ScheduleOnDates
from contracts.scalars import Millis, to_millis

SECOND = 1_000


class Dates(NamedTuple):
    """Dates in their order, each once, and the zone in which they are shown."""

    at: tuple[Millis, ...]
    zone: str


def parse_dates(written: object, zone: str) -> Dates:
    """Read the dates of a definition. Raise ValueError. As in Kestra, they are whole seconds."""
    try:
        read = ScheduleOnDates.model_validate(
            {"dates": written, "timezone": zone}, by_alias=True, by_name=False
        )
    except ValidationError as error:
        raise ValueError(f"`dates`: {error.errors()[0]['msg']}") from error
    return Dates(tuple(sorted({to_millis(each) // SECOND * SECOND for each in read.dates})), zone)


def date_after(dates: Dates, instant: Millis) -> Millis | None:
    index = bisect_right(dates.at, instant)
    return dates.at[index] if index < len(dates.at) else None


def date_before(dates: Dates, instant: Millis) -> Millis | None:
    index = bisect_left(dates.at, instant)
    return dates.at[index - 1] if index else None
