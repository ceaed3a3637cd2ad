"""DuckDB, in a child: its SQL reads and writes files of the machine, and its native code must not take the worker along."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import duckdb

from toccata.plugins.families.jdbc.run.driver import Driver, Found, Opening
from toccata.plugins.families.jdbc.run.parameter import Bound

_INSTALL = re.compile(r"\s*(?:FORCE\s+)?INSTALL\s+'?(?P<name>\w+)'?\s*", re.IGNORECASE)


def _connect(opening: Opening) -> duckdb.DuckDBPyConnection:
    login = opening.login
    connection = duckdb.connect(login.options["file"])
    directory = login.directory.replace("'", "''")
    connection.execute(f"SET file_search_path = '{directory}'")
    connection.execute(f"SET temp_directory = '{directory}/.duckdb'")
    zone = (login.zone or "UTC").replace("'", "''")
    connection.execute(f"SET TimeZone = '{zone}'")
    for name in login.options.get("community_extensions") or ():
        _community(connection, str(name), opening)
    if not opening.autocommit:
        connection.begin()
    return connection


def _community(connection: duckdb.DuckDBPyConnection, name: str, opening: Opening) -> None:
    """One that cannot be had is only noted: the statements say whether they need it."""
    try:
        connection.install_extension(name, repository="community")
        connection.load_extension(name)
    except duckdb.Error as error:
        opening.note(f"the community extension `{name}` could not be loaded: {error}")


def _fetch(connection: duckdb.DuckDBPyConnection, bound: Bound, size: int) -> Found | None:
    install = _INSTALL.fullmatch(bound.sql)
    if install is not None and _is_there(connection, install["name"]):
        return None
    expected = {kind.name for kind in connection.extract_statements(bound.sql)[0].expected_result_type}
    # Its cursors are connections of their own, which would not see the transaction.
    connection.execute(bound.sql, list(bound.values or ()))
    columns = connection.description or ()
    names = [column[0] for column in columns]
    if "QUERY_RESULT" not in expected or (len(expected) > 1 and names == ["Count"]):
        return None
    is_json = [str(column[1]) == "JSON" for column in columns]
    records = _records(connection, size)
    return Found(names, _with_json(records, is_json) if any(is_json) else records)


def _records(connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[Sequence[Any]]:
    while records := connection.fetchmany(size):
        yield from records


def _with_json(records: Iterator[Sequence[Any]], is_json: Sequence[bool]) -> Iterator[Sequence[Any]]:
    """JSON comes as text."""
    for record in records:
        yield [
            json.loads(value) if read and isinstance(value, str) else value
            for value, read in zip(record, is_json, strict=True)
        ]


def _is_there(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether an extension is on this machine, or part of the library. INSTALL would still ask the network for it."""
    rows = connection.execute(
        "SELECT installed FROM duckdb_extensions() WHERE extension_name = $1 OR list_contains(aliases, $1)",
        [name.lower()],
    ).fetchall()
    return any(bool(installed) for (installed,) in rows)


def _insert(connection: duckdb.DuckDBPyConnection, sql: str, records: Sequence[Sequence[Any]]) -> int:
    connection.executemany(sql, [[_value(value) for value in record] for record in records])
    return len(records)


def _value(value: Any) -> Any:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict) else value


def _span(value: timedelta) -> str:
    """ISO-8601."""
    rest = (value - timedelta(days=value.days)).total_seconds()
    return f"P{value.days}DT{rest:g}S" if rest else f"P{value.days}D"


DRIVERS = (
    Driver(
        name="DuckDB",
        schemes=("duckdb",),
        style="qmark",
        connect=_connect,
        host="isolated",
        errors="duckdb:Error",
        lost=lambda error: False,
        fetch=_fetch,
        insert=_insert,
        cancel=lambda connection: connection.interrupt(),
        cell={timedelta: _span},
    ),
)
