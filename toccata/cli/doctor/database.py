"""Checks PostgreSQL: whether it answers, its version, and whether its migrations match this installation."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import Any

import asyncpg

from toccata.cli.doctor.finding import Finding
from toccata.cli.target.reach import database_of
from toccata.cli.target.resolve import redacted
from toccata.cli.target.value import Target, require
from toccata.runtime.errors import ToccataError
from toccata.runtime.postgres import close, connect

_TESTED = 18
_NAMED = "Start it, or set TOCCATA_DATABASE_URL to postgresql://user:password@host:port/database."


async def database(target: Target) -> Finding:
    place = redacted(require(target.database))
    try:
        connection = await connect(database_of(target), "toccata-doctor")
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        return Finding(
            "database", "bad", f"{place}: {error}", "Correct user and password in TOCCATA_DATABASE_URL."
        )
    except (ToccataError, asyncpg.PostgresError, ValueError) as error:
        return Finding("database", "bad", f"{place}: {error}", _NAMED)
    try:
        return await _examined(connection)
    finally:
        await close(connection)


async def _examined(connection: asyncpg.Connection[Any]) -> Finding:
    try:
        rows = await connection.fetch("SELECT version, checksum FROM projection_migrations")
    except asyncpg.UndefinedTableError:
        return Finding(
            "database",
            "bad",
            "has no schema yet",
            "Start the indexer, which creates it (`toccata serve indexer`).",
        )
    except asyncpg.PostgresError as error:
        return Finding("database", "bad", f"refuses to be read: {error}", "Check the user's rights.")
    version = connection.get_server_version()
    found = compared({row["version"]: row["checksum"] for row in rows}, _migrations())
    return of_version(version.major, version.minor, found)


def of_version(major: int, minor: int, found: Finding) -> Finding:
    """The finding with the version in it; one that is too old only matters where nothing else is wrong."""
    if found.verdict != "ok":
        return found
    if major < _TESTED:
        text = f"PostgreSQL {major}.{minor} {found.text}"
        return Finding("database", "warn", text, f"Toccata is tested with PostgreSQL {_TESTED}: upgrade it.")
    return Finding("database", "ok", f"PostgreSQL {major}.{minor} {found.text}")


def compared(applied: dict[int, str], wanted: dict[int, str]) -> Finding:
    if missing := sorted(wanted.keys() - applied.keys()):
        return Finding(
            "database",
            "bad",
            f"migrations {missing} are not applied",
            "Start the indexer, which applies them.",
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
    """The checksums of the indexer's migrations, by version. The files are read without importing the indexer."""
    folder = files("services").joinpath("indexer", "adapters", "sql", "migrations")
    scripts = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return {int(f.name.partition("_")[0]): sha256(f.read_text("utf-8").encode()).hexdigest() for f in scripts}
