"""Checks all parts, one after the other, and prints each finding at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

from toccata.cli.doctor.address import addresses
from toccata.cli.doctor.broker import broker, lag
from toccata.cli.doctor.containers import containers
from toccata.cli.doctor.database import database
from toccata.cli.doctor.dead_letter import dead_letters
from toccata.cli.doctor.disk import disk_space, storage
from toccata.cli.doctor.finding import Finding, conclusion, say_finding
from toccata.cli.doctor.isolation import isolation
from toccata.cli.doctor.machine import embedded, installation, standalone
from toccata.cli.doctor.service import services
from toccata.cli.option import Form
from toccata.cli.output import say, say_value
from toccata.cli.target.read import running_on
from toccata.cli.target.resolve import DEFAULT
from toccata.cli.target.value import Target, Unknown
from toccata.runtime.log import configure
from toccata.standalone.home import RunFile


def examine(target: Target, form: Form) -> int:
    """Gives the exit code."""
    configure("cli", "error")
    return asyncio.run(_examine(target, form))


async def _examine(target: Target, form: Form) -> int:
    found = []
    async for finding in _findings(target):
        found.append(finding)
        if form == "table":
            say_finding(finding)
    if form == "table":
        say(f"\n{conclusion(found)}")
    else:
        say_value([asdict(finding) for finding in found], form)
    return 1 if any(finding.verdict == "bad" for finding in found) else 0


async def _findings(target: Target) -> AsyncIterator[Finding]:
    running = running_on(target.home)
    yield installation()
    yield standalone(target.home, running)
    for finding in addresses(target):
        yield finding
    yield disk_space(target.home)
    ours = running if _is_running(target) else None
    if needs_embedded_kafka(target, ours):
        for finding in await asyncio.to_thread(embedded):
            yield finding
    reached = []
    if not isinstance(target.kafka, Unknown):
        reached = await broker(target)
        for finding in reached:
            yield finding
    if not isinstance(target.database, Unknown):
        yield await database(target)
    for finding in await asyncio.to_thread(services, target, ours):
        yield finding
    if reached and all(finding.verdict != "bad" for finding in reached):
        yield await lag(target)
        yield await dead_letters(target)
    yield await asyncio.to_thread(storage, target.home)
    yield await asyncio.to_thread(isolation)
    yield await containers()


def needs_embedded_kafka(target: Target, ours: RunFile | None) -> bool:
    """True if a standalone runs its own Kafka, or would at its next start: nothing names another one."""
    if ours is not None:
        return "kafka" in ours["pids"]
    return isinstance(target.kafka, Unknown) or target.kafka.source == DEFAULT


def _is_running(target: Target) -> bool:
    """True if the addresses are those of the standalone on the data directory."""
    run_file = str((target.home / "run.json").absolute())
    return any(
        not isinstance(value, Unknown) and value.source == run_file
        for value in (target.url, target.kafka, target.database)
    )
