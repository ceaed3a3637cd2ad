"""SQLite by Python's own library. A file of the machine may be opened, so it runs in a child that sees what scripts see."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from toccata.plugins.families.jdbc.run.driver import Driver, Opening


def _connect(opening: Opening) -> sqlite3.Connection:
    # Transactions are begun by ourselves: the library would begin one before INSERT, but none before CREATE TABLE.
    connection = sqlite3.connect(opening.login.options["file"], isolation_level=None, check_same_thread=False)
    if not opening.autocommit:
        connection.execute("BEGIN")
    return connection


def _insert(connection: sqlite3.Connection, sql: str, records: Sequence[Sequence[Any]]) -> int:
    if not connection.in_transaction:
        connection.execute("BEGIN")
    cursor = connection.executemany(sql, [[_value(value) for value in record] for record in records])
    return max(cursor.rowcount, 0)


def _value(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


DRIVERS = (
    Driver(
        name="SQLite",
        schemes=("sqlite",),
        style="qmark",
        connect=_connect,
        host="isolated",
        errors="sqlite3:Error",
        lost=lambda error: False,
        insert=_insert,
        cancel=lambda connection: connection.interrupt(),
        local_timestamps=True,
    ),
)
