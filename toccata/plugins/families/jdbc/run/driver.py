"""What the engine needs of a driver, with defaults for libraries that follow Python's database interface (PEP 249)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, TypeAlias

from toccata.plugins.families.jdbc.run.address import Address, read_address
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Copy, Login
from toccata.plugins.families.jdbc.run.parameter import Bound, Style
from toccata.plugins.families.jdbc.run.splitter import Lexis

CONNECT_SECONDS = 10
Connection: TypeAlias = Any
"""Of a library."""


@dataclass(frozen=True, slots=True)
class Found:
    """A result set: the names of its columns, and its records, which are read from the server as they are taken."""

    columns: Sequence[str]
    records: Iterator[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a driver connects with."""

    address: Address
    login: Login
    autocommit: bool
    note: Callable[[str], None]
    """Takes a line for the task's log."""


def fetch(connection: Connection, bound: Bound, size: int) -> Found | None:
    """Run one statement. None: it has no result set."""
    cursor = connection.cursor()
    if bound.values is None:
        cursor.execute(bound.sql)
    else:
        cursor.execute(bound.sql, bound.values)
    return found(cursor, size)


def found(cursor: Any, size: int) -> Found | None:
    if not cursor.description:
        cursor.close()
        return None
    return Found([column[0] for column in cursor.description], _records(cursor, size))


def _records(cursor: Any, size: int) -> Iterator[Sequence[Any]]:
    while records := cursor.fetchmany(size):
        yield from records
    cursor.close()


def insert(connection: Connection, sql: str, records: Sequence[Sequence[Any]]) -> int:
    """How many rows the database says were changed."""
    cursor = connection.cursor()
    cursor.executemany(sql, records)
    count = int(cursor.rowcount)
    cursor.close()
    return max(count, 0)


def columns_of(connection: Connection, table: str) -> list[str]:
    cursor = connection.cursor()
    cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608 - the table that the flow names
    names = [column[0] for column in cursor.description]
    cursor.close()
    return names


def close(connection: Connection) -> None:
    with suppress(Exception):
        connection.close()


def explain(error: Exception) -> str:
    return str(error).strip() or type(error).__name__


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One for each database. Functions take the library's connection."""

    name: str
    """For people."""
    schemes: Sequence[str]
    """Of JDBC URLs. The first one is the driver's name in the product."""
    style: Style
    connect: Callable[[Opening], Connection]
    host: Literal["thread", "child", "isolated"]
    """Where it runs: in a thread of the worker, in a process of its own, or in one that sees only what scripts see. The last is
    for SQL that opens files of the machine."""
    errors: str
    """The class of all errors of the library, as ``module:name``."""
    lost: Callable[[Exception], bool] = field(
        default=lambda error: type(error).__name__ in {"OperationalError", "InterfaceError"}
    )
    """Whether an error means that the connection broke, so that a retry may help."""
    transactions: bool = True
    autocommits: bool = True
    """Whether a connection can commit each statement by itself."""
    lexis: Lexis = field(default_factory=Lexis)
    several: Callable[[Address], bool] = lambda address: False
    """Whether a Query may have several statements."""
    fetch: Callable[[Connection, Bound, int], Found | None] = fetch
    insert: Callable[[Connection, str, Sequence[Sequence[Any]]], int] = insert
    columns_of: Callable[[Connection, str], list[str]] = columns_of
    quoted: Callable[[str], str] = quoted
    cancel: Callable[[Connection], None] = close
    """Stop the running statement, from another thread."""
    explain: Callable[[Exception], str] = explain
    copy: Callable[[Connection, Copy], int] | None = None
    """How many rows."""
    cell: Mapping[type, Callable[[Any], Any]] = field(default_factory=dict)
    """Turns values of the library's own types into Python's."""
    local_timestamps: bool = False
    """Timestamps without a zone stay so."""

    def address(self, login: Login) -> Address:
        return read_address(login.url, self.schemes, login.user, login.password)

    def error_class(self) -> type[Exception]:
        module, _, name = self.errors.partition(":")
        found: type[Exception] = getattr(import_module(module), name)
        return found


_MODULES = {
    "postgresql": "postgresql",
    "duckdb": "duckdb",
    "mariadb": "mysql",
    "mysql": "mysql",
    "sqlite": "sqlite",
}
"""Modules of ``drivers`` by the name of the database."""


def driver_of(database: str) -> Driver:
    """Raises ModuleNotFoundError if its library is not installed."""
    module = import_module(f"toccata.plugins.families.jdbc.run.drivers.{_MODULES[database]}")
    for driver in module.DRIVERS:
        if driver.schemes[0] == database:
            assert isinstance(driver, Driver)
            return driver
    raise SqlFailed(f"no driver for {database}")
