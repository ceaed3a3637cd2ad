"""The properties of the triggers that the trigger-listener's core runs itself: Schedule, Webhook and Event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from contracts.language.flow.catalog import EVENT, SCHEDULE, WEBHOOK
from contracts.language.flow.cron import cron_problem
from contracts.language.flow.field import FlowModel
from contracts.language.types.property import Duration


@lru_cache(maxsize=1024)
def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise ValueError(f"`{name}` is not a time zone: use an IANA name such as Europe/Berlin or UTC")
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Schedule(FlowModel):
    cron: str
    with_seconds: bool = False
    timezone: TimeZone | None = None
    late_maximum_delay: Duration | None = None
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = None
    schedule_conditions: tuple[Mapping[str, object], ...] = ()

    @model_validator(mode="after")
    def _cron(self) -> Schedule:
        problem = cron_problem(self.cron, with_seconds=self.with_seconds)
        if problem:
            raise ValueError(f"invalid cron expression: {problem}")
        return self


class Webhook(FlowModel):
    key: Annotated[str, Field(min_length=1, max_length=256)]
    wait: bool = False
    return_outputs: bool = False
    response_content_type: Literal["application/json", "text/plain"] = "application/json"
    response_code: Annotated[int, Field(ge=200, le=599)] | None = None
    fetch_type: Literal["FETCH", "STORE", "NONE"] = "FETCH"


class Event(FlowModel):
    """Ours: CloudEvents from topic ``events`` or the one named; all that is given must match."""

    topic: Annotated[str, Field(min_length=1, max_length=249, pattern=r"^[a-zA-Z0-9._-]+$")] | None = None
    event_type: str | None = None
    source: str | None = None
    subject: str | None = None


TriggerProperties: TypeAlias = Schedule | Webhook | Event

TRIGGER_MODELS: Mapping[str, type[TriggerProperties]] = {SCHEDULE: Schedule, WEBHOOK: Webhook, EVENT: Event}


def trigger_properties(type_name: str, properties: Mapping[str, object]) -> TriggerProperties | None:
    """The typed properties of a validated trigger; None for a type that a worker runs."""
    model = TRIGGER_MODELS.get(type_name)
    return None if model is None else model.model_validate(properties, by_alias=True, by_name=False)
