"""A schedule, as the machine reads it from a trigger's definition, and its dates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from contracts.json_text import loads
from contracts.language.flow.trigger_start import StartTemplates, label_map
from contracts.language.types.duration import parse_duration
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.language.types.trigger.schedule_on_dates import SCHEDULE_ON_DATES
from contracts.scalars import JsonObject, Millis
from services.trigger_listener.core.dates import Dates, date_after, date_before, parse_dates
from services.trigger_listener.core.slot import Cron, InvalidCron, iso_at, parse_cron, slot_after, slot_before

SCHEDULES = frozenset({SCHEDULE.name, SCHEDULE_ON_DATES.name})
Recovery = Literal["ALL", "LAST", "NONE"]


class InvalidSchedule(ValueError):
    """The definition can never fire. The text says why."""


@dataclass(frozen=True, slots=True)
class Schedule:
    slots: Cron | Dates
    templates: StartTemplates
    recovery: Recovery
    late_maximum_ms: Millis | None
    allow_concurrent: bool
    stop_after: tuple[str, ...]

    def after(self, instant: Millis) -> Millis | None:
        return (
            date_after(self.slots, instant)
            if isinstance(self.slots, Dates)
            else slot_after(self.slots, instant)
        )

    def last_until(self, instant: Millis) -> Millis | None:
        return self._before(instant + 1)

    def variables(self, slot: Millis) -> JsonObject:
        """Return the variables ``trigger.*`` of this slot's execution, in the zone of the schedule."""
        previous, following = self._before(slot), self.after(slot)
        variables: dict[str, Any] = {"date": iso_at(slot, self.slots.zone)}
        if following is not None:
            variables["next"] = iso_at(following, self.slots.zone)
        if previous is not None:
            variables["previous"] = iso_at(previous, self.slots.zone)
        return variables

    def _before(self, instant: Millis) -> Millis | None:
        slots = self.slots
        return date_before(slots, instant) if isinstance(slots, Dates) else slot_before(slots, instant)


def read_schedule(trigger_type: str, definition: bytes, zone: str) -> Schedule | None:
    """Return None for a trigger that does not depend on time, or that never fires. ``zone`` is for schedules that name none."""
    if trigger_type not in SCHEDULES:
        return None
    try:
        return parse_schedule(definition, zone)
    except InvalidSchedule:
        return None


@lru_cache(maxsize=16_384)
def parse_schedule(definition: bytes, zone: str) -> Schedule:
    """Parse the JSON of a definition, which takes bounded memory for any number of triggers. Raise InvalidSchedule."""
    written = loads(definition)
    try:
        slots = _slots(written, zone)
        late = written.get("lateMaximumDelay")
        late_ms = None if late is None else round(parse_duration(str(late)).total_seconds() * 1000)
    except (InvalidCron, ValueError) as error:
        raise InvalidSchedule(str(error)) from error
    stop_after = written.get("stopAfter") or ()
    if not isinstance(stop_after, list | tuple):
        raise InvalidSchedule("`stopAfter` must be a list of states")
    recovery = written.get("recoverMissedSchedules")
    return Schedule(
        slots=slots,
        templates=StartTemplates(
            written.get("when"),
            (*(written.get("conditions") or ()), *(written.get("scheduleConditions") or ())),
            written.get("inputs") or {},
            label_map(written.get("labels")),
        ),
        recovery=recovery if recovery in ("LAST", "NONE") else "ALL",
        late_maximum_ms=late_ms,
        allow_concurrent=written.get("allowConcurrent") is True,
        stop_after=tuple(stop_after),
    )


def _slots(written: JsonObject, zone: str) -> Cron | Dates:
    """Only one of both types has ``dates``."""
    zone = _text(written, "timezone", zone)
    if "dates" in written:
        return parse_dates(written["dates"], zone)
    return parse_cron(_text(written, "cron"), zone, with_seconds=written.get("withSeconds") is True)


def _text(written: JsonObject, name: str, default: str | None = None) -> str:
    value = written.get(name, default)
    if not isinstance(value, str):
        raise InvalidSchedule(f"`{name}` is missing" if value is None else f"`{name}` must be text")
    return value
