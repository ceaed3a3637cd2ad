"""Windows of time, as triggers write them: from 1.x on (``timeWindow``), and in 2.0 (``window``)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from contracts.language.types.property import Duration, Properties, static, upper
from contracts.language.types.trigger.schedule import TimeZone

_SEPARATE = ("deadline", "window", "windowAdvance", "startTime", "endTime")
_FIELDS_OF = {
    "DAILY_TIME_DEADLINE": ("deadline",),
    "DAILY_TIME_WINDOW": ("startTime", "endTime"),
    "DURATION_WINDOW": ("window", "windowAdvance"),
    "SLIDING_WINDOW": ("window",),
}
_NEEDED = {"DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"}


def _time_of_day(written: object) -> object:
    """Before validation: YAML reads an unquoted 09:00 as a number of base 60, so a number is refused."""
    if isinstance(written, (int, float)):
        raise ValueError("must be a time of day in quotes, such as '09:00:00'")  # noqa: TRY004 - pydantic reports ValueError only
    return written


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "format": "partial-time", "examples": ["09:00:00"]}),
]


def _longer_than_nothing(length: timedelta) -> timedelta:
    if length <= timedelta(0):
        raise ValueError("must be a positive duration")
    return length


def _not_negative(length: timedelta) -> timedelta:
    if length < timedelta(0):
        raise ValueError("must not be negative")
    return length


Length = Annotated[Duration, AfterValidator(_longer_than_nothing)]
Advance = Annotated[Duration, AfterValidator(_not_negative)]


class TimeWindow(Properties):
    """The time within which all preconditions must be met."""

    type: Annotated[
        Literal["DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"],
        BeforeValidator(upper),
    ] = static(
        "DURATION_WINDOW",
        doc="DURATION_WINDOW: one after another, from midnight on; SLIDING_WINDOW: the last `window`;"
        " DAILY_TIME_DEADLINE: from midnight to `deadline`; DAILY_TIME_WINDOW: from `startTime` to `endTime`",
    )
    window: Length | None = static(None, doc="how long it is; P1D otherwise")
    window_advance: Advance | None = static(None, doc="how long after midnight the first one begins")
    deadline: TimeOfDay | None = static(None, doc="a time of day such as '09:00:00'")
    start_time: TimeOfDay | None = static(None, doc="a time of day")
    end_time: TimeOfDay | None = static(None, doc="a time of day; before `startTime`, it is of the next day")
    timezone: TimeZone | None = static(
        None, doc="IANA zone of midnight and of these times; the server's otherwise"
    )

    @model_validator(mode="after")
    def _fitting(self) -> TimeWindow:
        given = {
            "deadline": self.deadline,
            "window": self.window,
            "windowAdvance": self.window_advance,
            "startTime": self.start_time,
            "endTime": self.end_time,
        }
        own = _FIELDS_OF[self.type]
        for name in _SEPARATE:
            if given[name] is not None and name not in own:
                raise ValueError(f"Time window of type `{self.type}` cannot have `{name}`")
            if given[name] is None and name in own and self.type in _NEEDED:
                raise ValueError(f"Time window of type `{self.type}` must have `{name}`")
        return self


class Window(Properties):
    """The time within which the dependencies must be met: `deadline`; `from` and `to`; `lookback`; or `every` and `offset`."""

    deadline: TimeOfDay | None = static(None, doc="from midnight to this time of day")
    from_: TimeOfDay | None = Field(
        None,
        alias="from",
        description="the time of day when it begins",
        json_schema_extra={"$dynamic": False},
    )
    to: TimeOfDay | None = static(None, doc="the time of day when it ends")
    every: Length | None = static(None, doc="windows of this length, one after another; P1D otherwise")
    offset: Advance | None = static(None, doc="how long after midnight the first one begins")
    lookback: Length | None = static(None, doc="the time before now")
    timezone: TimeZone | None = static(None, doc="IANA zone; the server's otherwise")
    fire_once: bool = static(
        False,
        doc="true: after an execution, all must be met again; false: each further match starts another one",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Window:
        kinds = {
            "deadline": self.deadline is not None,
            "from, to": self.from_ is not None or self.to is not None,
            "lookback": self.lookback is not None,
            "every, offset": self.every is not None or self.offset is not None,
        }
        given = [name for name, there in kinds.items() if there]
        if len(given) > 1:
            raise ValueError(f"these exclude each other: {'; '.join(given)}")
        if (self.from_ is None) != (self.to is None):
            raise ValueError("`from` and `to` must be given together")
        return self

    def as_time_window(self) -> TimeWindow:
        """Return the same in the form of 1.x."""
        if self.deadline is not None:
            return TimeWindow(type="DAILY_TIME_DEADLINE", deadline=self.deadline, timezone=self.timezone)
        if self.from_ is not None:
            return TimeWindow(
                type="DAILY_TIME_WINDOW", start_time=self.from_, end_time=self.to, timezone=self.timezone
            )
        if self.lookback is not None:
            return TimeWindow(type="SLIDING_WINDOW", window=self.lookback, timezone=self.timezone)
        return TimeWindow(window=self.every, window_advance=self.offset, timezone=self.timezone)
