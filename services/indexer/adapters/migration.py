"""Applies the SQL migrations in order, each once. It refuses a database whose migrations are not ours."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files

import asyncpg

from toccata.runtime.errors import Fatal

_PACKAGE = "services.indexer.adapters"
_TABLE = """
CREATE TABLE IF NOT EXISTS projection_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


def migrations() -> dict[int, tuple[str, str]]:
    """Return name and statements of each version, ascending."""
    folder = files(_PACKAGE).joinpath("sql", "migrations")
    found = {}
    for file in folder.iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        if file.name.endswith(".sql"):
            found[int(number)] = (name, file.read_text("utf-8"))
    return dict(sorted(found.items()))


async def migrate(connection: asyncpg.Connection) -> list[int]:
    """Return the versions that it applied. The caller holds the writer's lock. Raise Fatal for a schema of another version."""
    await connection.execute(_TABLE)
    applied = {
        row["version"]: row["checksum"]
        for row in await connection.fetch("SELECT version, checksum FROM projection_migrations")
    }
    ours = migrations()
    unknown = applied.keys() - ours.keys()
    if unknown:
        raise Fatal(f"the database has migrations {sorted(unknown)} from a newer version: upgrade Toccata")
    done = []
    for version, (name, statements) in ours.items():
        checksum = sha256(statements.encode()).hexdigest()
        if version not in applied:
            async with connection.transaction():
                await connection.execute(statements)
                await connection.execute(
                    "INSERT INTO projection_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                    version,
                    name,
                    checksum,
                )
            done.append(version)
        elif applied[version] != checksum:
            raise Fatal(
                f"migration {version} ({name}) was changed after it was applied here: use an empty database and rebuild"
            )
    return done
