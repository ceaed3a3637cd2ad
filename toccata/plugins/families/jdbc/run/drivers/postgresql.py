"""PostgreSQL by psycopg. Results come in chunks, so memory stays constant however many rows there are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from toccata.plugins.families.jdbc.run.driver import CONNECT_SECONDS, Driver, Found, Opening
from toccata.plugins.families.jdbc.run.job import Copy
from toccata.plugins.families.jdbc.run.parameter import Bound

_BLOCK = 256 * 1024
_AS_TEXT = (
    "interval",
    "inet",
    "cidr",
    "time",
    "timetz",
    "int4range",
    "int8range",
    "numrange",
    "daterange",
    "tsrange",
    "tstzrange",
)
_LIBPQ = {
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "sslpassword": "sslpassword",
    "ApplicationName": "application_name",
    "connectTimeout": "connect_timeout",
    "loginTimeout": "connect_timeout",
    "options": "options",
    "gssEncMode": "gssencmode",
    "channelBinding": "channel_binding",
    "kerberosServerName": "krbsrvname",
}
"""Options of the JDBC driver, and what libpq calls them."""
_TARGETS = {
    "any": "any",
    "primary": "primary",
    "master": "primary",
    "secondary": "standby",
    "slave": "standby",
    "preferSecondary": "prefer-standby",
    "preferSlave": "prefer-standby",
}
_OF_JDBC_ALONE = frozenset({
    "prepareThreshold", "preparedStatementCacheQueries", "preparedStatementCacheSizeMiB", "preferQueryMode", "binaryTransfer",
    "reWriteBatchedInserts", "defaultRowFetchSize", "stringtype", "loggerLevel", "loggerFile", "sslfactory", "autosave",
    "cleanupSavepoints", "databaseMetadataCacheFields", "assumeMinServerVersion", "readOnlyMode", "cancelSignalTimeout",
})  # fmt: skip
"""They tune the Java driver and change no result."""


def _connect(opening: Opening) -> psycopg.Connection[Any]:
    address, login = opening.address, opening.login
    connection = psycopg.connect(
        host=",".join(host for host, _ in address.hosts) or "localhost",
        port=",".join(str(port or 5432) for _, port in address.hosts) or "5432",
        dbname=address.database or address.user or "postgres",
        user=address.user or "postgres",
        # Nothing of the worker's own: no variable PGPASSWORD, no file of passwords.
        password=address.password or "",
        passfile=os.devnull,
        autocommit=opening.autocommit,
        **{"connect_timeout": CONNECT_SECONDS, "application_name": "toccata", **_settings(opening)},
    )
    connection.add_notice_handler(lambda said: opening.note(f"{said.severity}: {said.message_primary}"))
    for name in _AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)
    _set(connection, "intervalstyle", "iso_8601")
    if login.zone:
        _set(connection, "timezone", login.zone)
    if "currentSchema" in address.options:
        _set(connection, "search_path", address.options["currentSchema"])
    if "socketTimeout" in address.options or login.options.get("socket_timeout"):
        seconds = float(address.options.get("socketTimeout") or login.options["socket_timeout"])
        _set(connection, "statement_timeout", f"{int(seconds * 1000)}ms")
    if not opening.autocommit:
        connection.commit()
    return connection


def _set(connection: psycopg.Connection[Any], name: str, value: str) -> None:
    connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def _settings(opening: Opening) -> dict[str, Any]:
    """What libpq is told beyond the place and the login."""
    address, options = opening.address, opening.login.options
    found: dict[str, Any] = {}
    for name, value in address.options.items():
        if name in _LIBPQ:
            found[_LIBPQ[name]] = value
        elif name == "targetServerType":
            found["target_session_attrs"] = _TARGETS.get(value, value)
        elif name == "ssl":
            found.setdefault("sslmode", "verify-full" if value != "false" else "disable")
        elif name not in _OF_JDBC_ALONE | {"currentSchema", "socketTimeout", "tcpKeepAlive"}:
            opening.note(f"the url's option `{name}` means nothing here and is not used")
    if options.get("ssl") or options.get("ssl_mode"):
        found["sslmode"] = str(options.get("ssl_mode") or "VERIFY_FULL").lower().replace("_", "-")
    folder = Path(opening.login.directory)
    for name in ("ssl_root_cert", "ssl_cert", "ssl_key"):
        if options.get(name):
            found[name.replace("_", "")] = str(_pem(folder / f".{name}.pem", options[name]))
    if options.get("ssl_key_password"):
        found["sslpassword"] = options["ssl_key_password"]
    return found


def _pem(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _fetch(connection: psycopg.Connection[Any], bound: Bound, size: int) -> Found | None:
    cursor = connection.cursor()
    records = cursor.stream(bound.sql, _given(bound.values), size=max(size, 1))
    try:
        first = next(records)
    except StopIteration:
        return Found([], iter(()))
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # the library's own: there is no result set
            return None
        raise
    return Found([column.name for column in cursor.description or ()], _all(first, records))


def _given(values: Sequence[Any] | None) -> Sequence[Any] | None:
    return (
        None if values is None else [json.dumps(each) if isinstance(each, dict) else each for each in values]
    )


def _all(first: Sequence[Any], rest: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield first
    yield from rest


def _insert(connection: psycopg.Connection[Any], sql: str, records: Sequence[Sequence[Any]]) -> int:
    """Values are sent as texts of no type, so the server reads each as its column needs it."""
    with connection.cursor() as cursor:
        cursor.executemany(sql, [[_text(value) for value in record] for record in records])
        return max(cursor.rowcount, 0)


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, list):
        return _array(value)
    return str(value)


def _array(values: Sequence[Any]) -> str:
    """An array's text, or JSON if it holds maps."""
    if any(isinstance(each, dict) for each in values):
        return json.dumps(values, default=str, ensure_ascii=False)
    parts = []
    for each in values:
        text = _text(each)
        if text is None or isinstance(each, list):
            parts.append("NULL" if text is None else text)
        else:
            parts.append('"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"')
    return "{" + ",".join(parts) + "}"


def _copy(connection: psycopg.Connection[Any], work: Copy) -> int:
    cursor = connection.cursor()
    with cursor.copy(work.sql) as copy:
        if work.source is not None:
            with Path(work.source).open("rb") as file:
                while part := file.read(_BLOCK):
                    copy.write(part)
        else:
            with Path(work.target).open("wb") as file:
                file.writelines(copy)
    return cursor.rowcount


def _explain(error: Exception) -> str:
    diagnostic = getattr(error, "diag", None)
    if diagnostic is None or diagnostic.message_primary is None:
        return str(error).strip()
    parts = [f"{str(error).strip()} (SQLSTATE {diagnostic.sqlstate})"]
    if diagnostic.message_hint:
        parts.append(f"Hint: {diagnostic.message_hint}")
    if diagnostic.context and diagnostic.context not in parts[0]:
        parts.append(diagnostic.context)
    return "\n".join(parts)


def _lost(error: Exception) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(error, psycopg.OperationalError) and (state is None or state[:2] in {"08", "57"})


def _columns_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
    return [column.name for column in cursor.description or ()]


DRIVERS = (
    Driver(
        name="PostgreSQL",
        schemes=("postgresql", "postgres"),
        style="format",
        connect=_connect,
        host="thread",
        errors="psycopg:Error",
        lost=_lost,
        fetch=_fetch,
        insert=_insert,
        columns_of=_columns_of,
        copy=_copy,
        cancel=lambda connection: connection.cancel_safe(timeout=2.0),
        explain=_explain,
        local_timestamps=True,
    ),
)
