"""``core.trigger.Schedule``: an execution at every date of a cron line."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Duration, Properties, TriggerType, static


class Schedule(Properties):
    """Starts an execution at each date of a cron line, once each, in a time zone."""

    cron: str = static(
        doc="minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly, @yearly"
    )
    with_seconds: bool = static(False, doc="a leading seconds field makes six")
    timezone: str | None = static(None, doc="IANA zone such as Europe/Berlin; the server's default otherwise")
    late_maximum_delay: Duration | None = static(None, doc="a date that is later than this does not run")
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = static(
        None, doc="what runs of the dates that passed while the server was down: ALL (default), LAST, NONE"
    )
    schedule_conditions: list[dict[str, Any]] = static([], doc="conditions of before 2.0; use `when`")


class ScheduleOutputs(BaseModel):
    date: str
    """The planned date, with the zone's offset."""
    next: str | None = None
    previous: str | None = None


SCHEDULE = TriggerType(
    name="io.kestra.plugin.core.trigger.Schedule",
    title="Start executions by the clock",
    properties=Schedule,
    aliases=("io.kestra.core.models.triggers.types.Schedule",),
    outputs=ScheduleOutputs,
    examples=(
        (
            'id: every_morning\ntype: io.kestra.plugin.core.trigger.Schedule\ncron: "0 9 * * *"\ntimezone: Europe/Berlin\n'
            "inputs:\n  day: \"{{ trigger.date | date('yyyy-MM-dd') }}\""
        ),
    ),
)
