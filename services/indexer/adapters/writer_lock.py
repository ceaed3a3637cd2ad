"""Who may write the projection: one indexer at a time. A rebuild goes first: while it has its claim, indexers stand by.

Both are advisory locks of PostgreSQL. They end with the connection that holds them, however its process ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from toccata.runtime.errors import Refused
from toccata.runtime.postgres import PostgresSettings, close, connect, deadline, outages

WRITER_LOCK = 0x746F636361746101
"""The key of the lock of the one indexer that writes."""
CLAIM = 0x746F636361746102
"""The key of the lock of a rebuild."""
KEEPALIVE = {
    # A writer whose host vanished must not keep the lock for the two hours of TCP's default.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
}
_PAUSE_SECONDS = 0.5
_HOLDERS = """
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32) + objid::bigint = $1
"""
_TRY_UNLESS_CLAIMED = f"SELECT CASE WHEN EXISTS ({_HOLDERS}) THEN false ELSE pg_try_advisory_lock($2) END"
_END_WRITER = f"SELECT pg_terminate_backend(pid) FROM ({_HOLDERS}) AS writer"  # noqa: S608 - constants


class InUse(Refused):
    """Another rebuild has the claim."""


@asynccontextmanager
async def claimed_projection(settings: PostgresSettings) -> AsyncIterator[None]:
    """Keep the claim. Raises InUse if another rebuild has it, Transient if the database is away."""
    connection = await connect(settings, "toccata-rebuild-claim", KEEPALIVE)
    try:
        async with outages():
            with deadline(connection, settings.query_seconds):
                if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", CLAIM):
                    raise InUse("another rebuild of this projection is running: wait until it has ended")
        yield
    finally:
        await close(connection)


async def wait_for_lock(
    connection: asyncpg.Connection, seconds: float, standing_by: Callable[[], None], *, has_claim: bool
) -> None:
    """Ask for the writer's lock until it is given. ``seconds`` is the deadline of one question.

    Whoever has the claim ends the connection of the present writer, which then stands by. Waiting in the server
    would not notice a server that hangs."""
    told = False
    while True:
        with deadline(connection, seconds):
            if has_claim:
                await connection.fetch(_END_WRITER, WRITER_LOCK)
                given = await connection.fetchval("SELECT pg_try_advisory_lock($1)", WRITER_LOCK)
            else:
                given = await connection.fetchval(_TRY_UNLESS_CLAIMED, CLAIM, WRITER_LOCK)
        if given:
            return
        if not told:
            told = True
            standing_by()
        await asyncio.sleep(_PAUSE_SECONDS)
