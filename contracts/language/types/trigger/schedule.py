"""``core.trigger.Schedule``: an execution at every date of a cron line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, model_validator

from contracts.language.types.cron import cron_problem
from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Duration, Properties, static


@lru_cache(maxsize=1024)
def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _time_zone(name: str) -> str:
    if not _is_time_zone(name):
        raise ValueError(f"`{name}` is not a time zone: use an IANA name such as Europe/Berlin or UTC")
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""An IANA name."""


class Schedule(Properties):
    """Starts an execution at each date of a cron line, once each, in a time zone."""

    cron: str = static(
        doc="minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly, @yearly"
    )
    with_seconds: bool = static(False, doc="a leading seconds field makes six")
    timezone: TimeZone | None = static(
        None, doc="IANA zone such as Europe/Berlin; the server's default otherwise"
    )
    late_maximum_delay: Duration | None = static(None, doc="a date that is later than this does not run")
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = static(
        None, doc="what runs of the dates that passed while the server was down: ALL (default), LAST, NONE"
    )
    schedule_conditions: tuple[Mapping[str, object], ...] = static(
        (), doc="conditions of before 2.0; use `when`"
    )

    @model_validator(mode="after")
    def _cron(self) -> Schedule:
        problem = cron_problem(self.cron, with_seconds=self.with_seconds)
        if problem:
            raise ValueError(f"invalid cron expression: {problem}")
        return self


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
        """id: every_morning
type: io.kestra.plugin.core.trigger.Schedule
cron: "0 9 * * *"
timezone: Europe/Berlin
inputs:
  day: "{{ trigger.date | date('yyyy-MM-dd') }}\"""",
    ),
    started_by="engine",
)
