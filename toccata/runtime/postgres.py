"""Access to PostgreSQL: settings, connections, SQL files, and kinds of errors. It must never know a table.

Every wait has a deadline on our side, because the server's own time limits do not help when the server hangs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.resources import files

import asyncpg
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from toccata.runtime.errors import Transient
from toccata.runtime.variables import VariableSettings

_GRACE_SECONDS = 0.5
"""How much longer than the server's own limit we wait. The server ends slow queries first, and the connection survives."""
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
"""Errors that may pass by themselves: connection lost, shutdown, disk full, deadlock, fail-over, a query over its limit."""


class PostgresSettings(VariableSettings):
    """Where the projection's database is, and how long to wait for it."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_DATABASE_", frozen=True)

    url: SecretStr = Field(
        SecretStr("postgresql://localhost:5432/toccata"),
        description="postgresql://user:password@host:port/database",
    )
    password: SecretStr = Field(
        SecretStr(""), description="password of the database, in place of one in the address"
    )
    connect_seconds: float = Field(
        2.0, ge=0.1, le=60, description="seconds to wait for a connection, whether new or from the pool"
    )
    query_seconds: float = Field(
        5.0, ge=0.1, le=600, description="seconds after which a search or another read is abandoned"
    )
    write_seconds: float = Field(
        60.0, ge=1, le=3600, description="seconds after which the indexer abandons a batch and reconnects"
    )


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Raise an outage of the database as Transient."""
    try:
        yield
    except asyncpg.DataError:
        raise
    except AWAY as error:
        raise Transient(f"PostgreSQL: {error!r}") from error


async def connect(
    settings: PostgresSettings, application: str, server_settings: Mapping[str, str] | None = None
) -> asyncpg.Connection:
    """Open one connection. Raise Transient if the database is away, is starting, or hangs."""
    async with outages():
        return await asyncpg.connect(
            settings.url.get_secret_value(),
            password=settings.password.get_secret_value() or None,
            timeout=settings.connect_seconds,
            server_settings={"application_name": application, "jit": "off", **(server_settings or {})},
        )


@contextmanager
def deadline(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, seconds: float
) -> Iterator[None]:
    """Cut the connection after this time. Code that waits for it then raises an outage.

    Cancelling the query would not help: it waits for the server to agree, and a server that hangs never does."""
    cut = asyncio.get_running_loop().call_later(seconds, connection.terminate)
    try:
        yield
    finally:
        cut.cancel()


class Pool:
    """Connections for short reads, opened when needed. No use of one lasts much longer than ``query_seconds``."""

    def __init__(self, settings: PostgresSettings, application: str, *, most: int = 10) -> None:
        self._settings = settings
        self._pool = asyncpg.create_pool(
            settings.url.get_secret_value(),
            password=settings.password.get_secret_value() or None,
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
        """Open the pool. It does not connect yet."""
        await self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """Lend a connection. Raise Transient if none is free in time, or if it is lost or too slow."""
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
    """Asks the server for an answer, on its own connection that no search can occupy."""

    def __init__(self, settings: PostgresSettings, application: str) -> None:
        self._settings = settings
        self._application = application
        self._connection: asyncpg.Connection | None = None

    async def ask(self, seconds: float) -> None:
        """Return once the server has answered. Raise Transient if it does not answer in time."""
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
    """Close a connection, even a broken one."""
    with suppress(*AWAY):
        await connection.close(timeout=2)


def named_queries(package: str, file: str) -> dict[str, str]:
    """Return the statements of an SQL file. A comment above each names it: ``-- name: put_executions``."""
    text = files(package).joinpath(file).read_text("utf-8")
    parts = _NAME.split(text)
    return {name: sql.strip().rstrip(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
