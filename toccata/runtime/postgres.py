"""PostgreSQL for those who use it: settings, connections, SQL files, and errors told apart. It must never know a table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.resources import files

import asyncpg
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from toccata.runtime.errors import Transient

CONNECT_SECONDS = 10.0
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
)
"""What may go away by itself: connection lost, shutdown, disk full, deadlock, fail-over."""


class PostgresSettings(BaseSettings):
    """Where the projection is."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_DATABASE_", frozen=True)

    url: SecretStr = Field(
        SecretStr("postgresql://localhost:5432/toccata"),
        description="postgresql://user:password@host:port/database",
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
    """One connection. Raises Transient when the database is away or starting."""
    async with outages():
        return await asyncpg.connect(
            settings.url.get_secret_value(),
            timeout=CONNECT_SECONDS,
            server_settings={"application_name": application, "jit": "off", **(server_settings or {})},
        )


async def open_pool(
    settings: PostgresSettings,
    application: str,
    *,
    most: int = 10,
    statement_seconds: float = 10.0,
) -> asyncpg.Pool:
    """Connections for short reads, made when first needed; a statement over the limit is cancelled by the server."""
    async with outages():
        return await asyncpg.create_pool(
            settings.url.get_secret_value(),
            min_size=0,
            max_size=most,
            timeout=CONNECT_SECONDS,
            command_timeout=statement_seconds + 5,
            server_settings={
                "application_name": application,
                "jit": "off",
                "statement_timeout": str(int(statement_seconds * 1000)),
                "default_transaction_read_only": "on",
            },
        )


async def close(connection: asyncpg.Connection) -> None:
    """Also of a connection that is broken."""
    with suppress(*AWAY):
        await connection.close(timeout=2)


def named_queries(package: str, file: str) -> dict[str, str]:
    """Statements of an SQL file by the name in the comment above each: ``-- name: put_executions``."""
    text = files(package).joinpath(file).read_text("utf-8")
    parts = _NAME.split(text)
    return {name: sql.strip().rstrip(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
