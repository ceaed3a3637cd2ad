"""``core.trigger.ScheduleOnDates``: an execution at each of some dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from contracts.language.expression.presence import has_expression
from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Properties, not_empty, static, upper
from contracts.language.types.trigger.schedule import ScheduleOutputs, TimeZone


def _no_expression(written: object) -> object:
    """Before validation: dates must be known when the flow is saved."""
    if isinstance(written, str) and has_expression(written):
        raise ValueError(
            "must be a date with an offset, such as 2026-03-01T09:00:00+01:00, not an expression"
        )
    return written


def _with_offset(at: datetime) -> datetime:
    """Read a date without an offset as UTC."""
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_no_expression),
    AfterValidator(_with_offset),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T09:00:00+01:00"]}),
]


class ScheduleOnDates(Properties):
    """Starts an execution at each date of a list, once each. Those that have passed when it is saved do not run."""

    dates: Annotated[tuple[Moment, ...], AfterValidator(not_empty)] = static(
        doc="dates with an offset; UTC without one"
    )
    timezone: TimeZone | None = static(
        None, doc="IANA zone of `trigger.date`; the server's default otherwise"
    )
    recover_missed_schedules: Annotated[Literal["ALL", "LAST", "NONE"], BeforeValidator(upper)] | None = (
        static(
            None,
            doc="what runs of the dates that passed while the server was down: ALL (default), LAST, NONE",
        )
    )


SCHEDULE_ON_DATES = TriggerType(
    name="io.kestra.plugin.core.trigger.ScheduleOnDates",
    title="Start executions on some dates",
    properties=ScheduleOnDates,
    outputs=ScheduleOutputs,
    examples=(
        """id: releases
type: io.kestra.plugin.core.trigger.ScheduleOnDates
timezone: Europe/Berlin
dates:
  - 2026-03-01T09:00:00+01:00
  - 2026-06-01T09:00:00+02:00""",
    ),
    started_by="engine",
)
