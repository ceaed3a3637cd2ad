"""The slots of a cron line in a time zone: the first one after an instant, the last one before it. Pure and cached.

Daylight saving: a line with fixed hours and minutes runs once a day by the wall clock. A time that the clock skips runs when
the clock goes on. A time that occurs twice runs only the first time. A line with a wildcard hour or minute follows real time:
no slot moves, and the repeated hour counts twice.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from contracts.language.types.cron import cron_problem
from contracts.scalars import Millis

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_WINDOWS = tuple(120_000 * 8**power for power in range(9))
"""From 2 minutes to 64 years."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock times are naive here until a zone is attached


class Cron(NamedTuple):
    """A valid line (``parse_cron``) and its zone. It is the key of the caches."""

    line: str
    zone: str


class InvalidCron(ValueError):
    pass


@lru_cache(maxsize=16_384)
def parse_cron(line: str, zone: str, *, with_seconds: bool) -> Cron:
    """Parse a cron line. Raise InvalidCron with the reason."""
    problem = cron_problem(line, with_seconds=with_seconds)
    if problem is not None:
        raise InvalidCron(problem)
    cron = Cron(_NICKNAMES.get(line.strip().lower(), line), zone)
    try:
        _zone(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidCron(f"`{zone}` is not a time zone") from error
    try:
        _parsed(cron.line)
    except CronSimError as error:
        raise InvalidCron(f"`{line}`: {error}") from error
    return cron


@lru_cache(maxsize=65_536)
def slot_after(cron: Cron, instant: Millis) -> Millis | None:
    """Return the first slot strictly after the instant. None if there is none within 50 years."""
    second = instant // 1000
    zone = _zone(cron.zone)
    if zone is None:
        slot = _tick_after(cron, second)
    elif _fixed_times(cron.line):
        slot = _wall_clock_after(cron, zone, second)
    else:
        slot = _real_time_after(cron, zone, second)
    return None if slot is None else slot * 1000


@lru_cache(maxsize=65_536)
def slot_before(cron: Cron, instant: Millis) -> Millis | None:
    """Return the last slot strictly before the instant. None if there is none within 60 years."""
    # Search forwards from ever earlier starts, so that one set of rules covers clock changes.
    for window in _WINDOWS:
        found = None
        slot = slot_after(cron, instant - window - 1)
        while slot is not None and slot < instant:
            found = slot
            slot = slot_after(cron, slot)
        if found is not None:
            return found
    return None


def _wall_clock_after(cron: Cron, zone: ZoneInfo, second: int) -> int | None:
    wall = _tick_after(cron, second + _offset(zone, second))
    while wall is not None:
        slot = _existing(wall, zone)
        # A slot in the repeated hour already ran the first time.
        if slot > second:
            return slot
        wall = _tick_after(cron, wall)
    return None


def _real_time_after(cron: Cron, zone: ZoneInfo, second: int) -> int | None:
    """Find ticks as on a plain clock while the zone's offset is constant. Each change of it starts a new stretch."""
    offset = _offset(zone, second)
    while (wall := _tick_after(cron, second + offset)) is not None:
        slot = wall - offset
        if _offset(zone, slot) == offset:
            return slot
        low, high = second, slot
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
        second, offset = high - 1, _offset(zone, high)
    return None


def _existing(wall: int, zone: ZoneInfo) -> int:
    """Return the instant (in seconds) of a wall clock time. For a time that the clock skips, return the end of the gap."""
    local = (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone)
    slot = round(local.timestamp())
    if slot + _offset(zone, slot) == wall:
        return slot
    # Python reads a skipped time with the earlier offset, so the result lies after the gap. Go back to the gap's end.
    after = _offset(zone, slot)
    while _offset(zone, slot - 60) == after:
        slot -= 60
    return slot - slot % 60


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds


def _tick_after(cron: Cron, second: int) -> int | None:
    """Return the next tick of a plain clock, in seconds."""
    sim = copy.copy(_parsed(cron.line))
    sim.dt = _EPOCH + timedelta(seconds=second)
    try:
        tick: datetime = next(sim)
    except (StopIteration, OverflowError):
        return None
    passed = tick - _EPOCH
    return passed.days * 86_400 + passed.seconds


@lru_cache(maxsize=16_384)
def _fixed_times(line: str) -> bool:
    minute, hour = line.split()[-5:-3]
    return not minute.startswith("*") and not hour.startswith("*")


@lru_cache(maxsize=16_384)
def _parsed(line: str) -> CronSim:
    """Parse a line once. The library parses only in its constructor, so callers copy this and set ``dt``."""
    return CronSim(line, _EPOCH)


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    """Return None for UTC, which needs no zone arithmetic."""
    return None if name.upper() in {"UTC", "Z", "ETC/UTC", "GMT"} else ZoneInfo(name)


def iso_at(instant: Millis, zone_name: str) -> str:
    """Format with the zone's offset: ``2026-03-01T09:00:00+01:00``. UTC gives ``Z``."""
    zone = _zone(zone_name)
    moment = datetime.fromtimestamp(instant // 1000, UTC)
    text = moment.astimezone(zone).isoformat() if zone is not None else moment.isoformat()
    return text.replace("+00:00", "Z")
