"""Everything that a system keeps: records of all topics, rows of all tables, files of its home. For tests that plant a secret."""

from __future__ import annotations

import asyncpg

from contracts.topics import TOPICS
from tests.support.system import System
from toccata.runtime.fetch import Reader


async def places_of(system: System, planted: str) -> list[str]:
    """Return where the text is kept: topics, tables, files."""
    wanted = planted.encode()
    topics = [f"topic {name}" for name, value in await _records(system) if wanted in value]
    tables = [f"table {name}" for name, text in await _rows(system) if planted in text]
    files = [
        f"file {path}" for path in system.home.rglob("*") if path.is_file() and wanted in path.read_bytes()
    ]
    return [*dict.fromkeys([*topics, *tables, *files])]


async def _records(system: System) -> list[tuple[str, bytes]]:
    """All records with their topics, until the ends as they are now."""
    reader = Reader(system.kafka, "everything-kept")
    places = [(name, number) for name, topic in TOPICS.items() for number in range(topic.partitions)]
    found: list[tuple[str, bytes]] = []
    try:
        left = {place: end for place, end in (await reader.end_offsets(places)).items() if end}
        await reader.assign(dict.fromkeys(left, "earliest"))
        while left:
            for place, records in (await reader.poll()).items():
                found += [(place[0], record.value) for record in records if record.value is not None]
                if records[-1].offset + 1 >= left.get(place, 0):
                    left.pop(place, None)
    finally:
        await reader.stop()
    return found


async def _rows(system: System) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(system.database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = []
        for (name,) in tables:
            rows = await connection.fetch(f'SELECT t::text FROM "{name}" t')
            found += [(str(name), str(row[0])) for row in rows]
        return found
    finally:
        await connection.close()
