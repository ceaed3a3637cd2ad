"""PostgreSQL for those who use it: settings, connections, SQL files, and errors told apart. It must never know a table.

Every wait has a deadline on our side. A server that stands still answers nothing, so its own time limits are no help.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.resources import files

import asyncpg
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from toccata.runtime.errors import Transient

_GRACE_SECONDS = 0.5
"""How much longer than the server's own limit we wait: what is merely slow is ended there, and the connection is kept."""
_NAME = re.compile(r"^-- name: (\w+)[^\n]*\n", re.MULTILINE)

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectInUseError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.QueryCanceledError,
)
"""What may go away by itself: connection lost, shutdown, disk full, deadlock, fail-over, a query over its limit."""


class PostgresSettings(BaseSettings):
    """Where the projection is."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_DATABASE_", frozen=True)

    url: SecretStr = Field(
        SecretStr("postgresql://localhost:5432/toccata"),
        description="postgresql://user:password@host:port/database",
    )
    connect_seconds: float = Field(
        2.0, ge=0.1, le=60, description="seconds to wait for a connection, new or from the pool"
    )
    query_seconds: float = Field(
        5.0, ge=0.1, le=600, description="seconds after which a search or another read is given up"
    )
    write_seconds: float = Field(
        60.0, ge=1, le=3600, description="seconds after which the indexer gives up a batch and connects anew"
    )


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Inside, an outage of the database is raised as Transient."""
    try:
        yield
    except asyncpg.DataError:
        raise
    except AWAY as error:
        raise Transient(f"PostgreSQL: {error!r}") from error


async def connect(
    settings: PostgresSettings, application: str, server_settings: Mapping[str, str] | None = None
) -> asyncpg.Connection:
    """One connection. Raises Transient when the database is away, starting, or stands still."""
    async with outages():
        return await asyncpg.connect(
            settings.url.get_secret_value(),
            timeout=settings.connect_seconds,
            server_settings={"application_name": application, "jit": "off", **(server_settings or {})},
        )


@contextmanager
def deadline(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, seconds: float
) -> Iterator[None]:
    """Inside, the connection is cut when the time has passed: whatever waits for it then raises an outage.

    Cancelling a query instead would wait for the server to agree, which one that stands still never does."""
    cut = asyncio.get_running_loop().call_later(seconds, connection.terminate)
    try:
        yield
    finally:
        cut.cancel()


class Pool:
    """Connections for short reads, made when first needed. No use of one lasts longer than ``query_seconds`` and a moment."""

    def __init__(self, settings: PostgresSettings, application: str, *, most: int = 10) -> None:
        self._settings = settings
        self._pool = asyncpg.create_pool(
            settings.url.get_secret_value(),
            min_size=0,
            max_size=most,
            timeout=settings.connect_seconds,
            server_settings={
                "application_name": application,
                "jit": "off",
                "statement_timeout": str(int(settings.query_seconds * 1000)),
                "default_transaction_read_only": "on",
            },
        )

    async def open(self) -> None:
        """Connects to nothing yet."""
        await self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """Raises Transient when there is none in time, or when it is lost or too slow inside."""
        async with outages():
            held = await self._pool.acquire(timeout=self._settings.connect_seconds)
            with deadline(held, self._settings.query_seconds + _GRACE_SECONDS):
                try:
                    yield held
                finally:
                    await self._pool.release(held)

    async def close(self) -> None:
        self._pool.terminate()


class PostgresProbe:
    """Asks the server for an answer, on a connection of its own that no search can hold."""

    def __init__(self, settings: PostgresSettings, application: str) -> None:
        self._settings = settings
        self._application = application
        self._connection: asyncpg.Connection | None = None

    async def ask(self, seconds: float) -> None:
        """Returns when the server has answered. Raises Transient when it has not in that time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._connection is None or self._connection.is_closed():
            quick = self._settings.model_copy(update={"connect_seconds": seconds})
            self._connection = await connect(quick, self._application)
        async with outages():
            with deadline(self._connection, max(0.0, until - loop.time())):
                await self._connection.execute("SELECT 1")

    async def stop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()


async def close(connection: asyncpg.Connection) -> None:
    """Also of a connection that is broken."""
    with suppress(*AWAY):
        await connection.close(timeout=2)


def named_queries(package: str, file: str) -> dict[str, str]:
    """Statements of an SQL file by the name in the comment above each: ``-- name: put_executions``."""
    text = files(package).joinpath(file).read_text("utf-8")
    parts = _NAME.split(text)
    return {name: sql.strip().rstrip(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
