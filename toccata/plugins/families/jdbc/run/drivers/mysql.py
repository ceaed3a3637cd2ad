"""MySQL and MariaDB by PyMySQL. Rows are read as the server sends them, so memory stays constant."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pymysql
from pymysql.connections import Connection, LoadLocalPacketWrapper, MySQLResult
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from toccata.plugins.families.jdbc.run.driver import CONNECT_SECONDS, Driver, Found, Opening
from toccata.plugins.families.jdbc.run.parameter import Bound
from toccata.plugins.families.jdbc.run.splitter import Lexis

_OF_JDBC_ALONE = frozenset({
    "allowMultiQueries", "allowPublicKeyRetrieval", "allowLoadLocalInfile", "autoReconnect", "cachePrepStmts", "characterEncoding",
    "createDatabaseIfNotExist", "rewriteBatchedStatements", "serverTimezone", "connectionTimeZone", "tinyInt1isBit", "useCursorFetch",
    "useLegacyDatetimeCode", "useServerPrepStmts", "useUnicode", "useBulkStmts", "zeroDateTimeBehavior", "defaultFetchSize",
})  # fmt: skip
"""They tune the Java drivers, or ask for what is done here anyhow."""
_CHECKS = {
    "REQUIRED": False,
    "REQUIRE": False,
    "TRUST": False,
    "VERIFY_CA": True,
    "VERIFY-CA": True,
    "VERIFY_IDENTITY": True,
    "VERIFY-FULL": True,
}
"""Values of ``sslMode`` that encrypt, and whether the server's certificate is checked."""


class _Result(MySQLResult):  # type: ignore[misc]
    def _read_load_local_packet(self, first_packet: Any) -> None:
        """A server may ask for any file. It gets the one that the task names, and no other."""
        connection = self.connection
        asked = LoadLocalPacketWrapper(first_packet).filename
        asked = asked.decode() if isinstance(asked, bytes) else asked
        if asked != connection.input_file:
            connection.write_packet(b"")
            connection._read_packet()  # noqa: SLF001 - the library has no other way
            raise pymysql.err.OperationalError(
                f"LOAD DATA LOCAL asks for `{asked}`: only the file of `inputFile`, {{{{ inputFile }}}}, may be loaded"
            )
        super()._read_load_local_packet(first_packet)


class _Connection(Connection):  # type: ignore[misc]
    input_file: str | None
    """The one file that LOAD DATA LOCAL may read."""
    opening: Opening

    def _read_query_result(self, unbuffered: bool = False) -> Any:  # noqa: FBT001, FBT002 - the library's own method
        self._result = None
        result = _Result(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows


def _connect(opening: Opening) -> _Connection:
    connection = _Connection(**_settings(opening), autocommit=opening.autocommit, defer_connect=True)
    connection.input_file = opening.login.options.get("input_file")
    connection.opening = opening
    connection.connect()
    return connection


def _settings(opening: Opening) -> dict[str, Any]:
    address, options = opening.address, opening.address.options
    for name in (
        options.keys()
        - _OF_JDBC_ALONE
        - {"connectTimeout", "socketTimeout", "sslMode", "useSSL", "requireSSL"}
    ):
        opening.note(f"the url's option `{name}` means nothing here and is not used")
    return {
        "host": address.host or "localhost",
        "port": address.port or 3306,
        "user": address.user or "",
        "password": address.password or "",
        "database": address.database or None,
        "charset": "utf8mb4",
        "connect_timeout": max(int(options.get("connectTimeout", CONNECT_SECONDS * 1000)) // 1000, 1),
        "read_timeout": int(options["socketTimeout"]) / 1000 if "socketTimeout" in options else None,
        "local_infile": bool(opening.login.options.get("input_file")),
        "ssl": _encryption(options),
        # Timestamps travel in UTC, whatever the server's own zone is.
        "init_command": "SET time_zone = '+00:00'",
    }


def _encryption(options: Any) -> ssl.SSLContext | None:
    mode = options.get("sslMode", "").upper()
    if not mode and "true" in {options.get("useSSL"), options.get("requireSSL")}:
        mode = "REQUIRED"
    if mode not in _CHECKS:
        return None
    context = ssl.create_default_context()
    context.check_hostname = mode in {"VERIFY_IDENTITY", "VERIFY-FULL"}
    context.verify_mode = ssl.CERT_REQUIRED if _CHECKS[mode] else ssl.CERT_NONE
    return context


def _fetch(connection: _Connection, bound: Bound, size: int) -> Found | None:
    cursor = connection.cursor(SSCursor)
    cursor.execute(bound.sql, None if bound.values is None else [_value(each) for each in bound.values])
    if not cursor.description:
        cursor.close()
        return None
    readers = [_reader(column) for column in cursor.description]
    return Found([column[0] for column in cursor.description], _records(cursor, readers, size))


def _records(
    cursor: Any, readers: Sequence[Callable[[Any], Any] | None], size: int
) -> Iterator[Sequence[Any]]:
    special = [(index, read) for index, read in enumerate(readers) if read is not None]
    while records := cursor.fetchmany(size):
        for record in records:
            values = list(record)
            for index, read in special:
                if values[index] is not None:
                    values[index] = read(values[index])
            yield values
    cursor.close()


def _reader(column: Sequence[Any]) -> Callable[[Any], Any] | None:
    """What the library leaves as it comes: JSON as text, booleans as TINYINT(1), moments without their zone."""
    kind, length = column[1], column[3]
    if kind == FIELD_TYPE.JSON:
        return json.loads
    if kind == FIELD_TYPE.TINY and length == 1:
        return bool
    if kind == FIELD_TYPE.TIMESTAMP:
        return lambda value: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    if kind == FIELD_TYPE.BIT:
        return lambda value: int.from_bytes(value, "big") if length > 1 else value != b"\x00"
    return None


def _insert(connection: _Connection, sql: str, records: Sequence[Sequence[Any]]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany(sql, [[_value(value) for value in record] for record in records])
        return max(int(cursor.rowcount), 0)


def _value(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _cancel(connection: _Connection) -> None:
    """By another connection, which is the only way."""
    with (
        pymysql.connect(**{**_settings(connection.opening), "local_infile": False}) as other,
        other.cursor() as cursor,
    ):
        cursor.execute(f"KILL QUERY {int(connection.thread_id())}")


def _explain(error: Exception) -> str:
    if len(error.args) == 2 and isinstance(error.args[0], int):
        return f"{error.args[1]} (error {error.args[0]})"
    return str(error)


def _lost(error: Exception) -> bool:
    return bool(error.args) and error.args[0] in {0, 2003, 2006, 2013, 1053, 1927}


def _driver(name: str, *schemes: str) -> Driver:
    return Driver(
        name=name,
        schemes=schemes,
        style="format",
        connect=_connect,
        host="thread",
        errors="pymysql:MySQLError",
        lost=_lost,
        lexis=Lexis(backslashes=True, hash_comments=True),
        several=lambda address: address.options.get("allowMultiQueries") == "true",
        fetch=_fetch,
        insert=_insert,
        quoted=lambda column: "`" + column.replace("`", "``") + "`",
        cancel=_cancel,
        explain=_explain,
    )


DRIVERS = (_driver("MySQL", "mysql"), _driver("MariaDB", "mariadb", "mysql"))
