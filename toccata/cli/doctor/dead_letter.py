"""Checks for dead letters of the last day."""

from __future__ import annotations

from toccata.cli.dead.letter import letters
from toccata.cli.doctor.finding import Finding
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient

_DAY_MS = 86_400_000


async def dead_letters(target: Target) -> Finding:
    try:
        found = await letters(kafka_of(target))
    except Transient as error:
        return Finding("dead letters", "bad", str(error), "Try again: Kafka did not answer in time.")
    recent = [each for each in found if each.timestamp_ms > now_ms() - _DAY_MS]
    if not recent:
        return Finding("dead letters", "ok", f"none in the last day; {len(found)} are kept")
    deadly = sum("processes died" in each.letter.reason for each in recent)
    text = f"{len(recent)} in the last day" + (f", {deadly} of them killed processes" if deadly else "")
    return Finding("dead letters", "warn", text, "`toccata dead list` says why each record was given up.")
