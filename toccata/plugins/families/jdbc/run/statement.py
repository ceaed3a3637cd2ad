"""Writes the COPY statements of PostgreSQL."""

from __future__ import annotations

from toccata.plugin import TaskFailed
from toccata.plugins.families.jdbc.postgresql import Copied, CopyIn, CopyOut


def copy_in_sql(task: CopyIn) -> str:
    """Raises TaskFailed."""
    if not task.table:
        raise TaskFailed("table: the table to load is needed")
    return f"COPY {_table(task)} FROM STDIN{_options(task)}"


def copy_out_sql(task: CopyOut) -> str:
    """Raises TaskFailed."""
    if bool(task.table) == bool(task.sql):
        raise TaskFailed("exactly one of `table` and `sql` is needed")
    source = f"({task.sql.strip().rstrip(';')})" if task.sql else _table(task)
    return f"COPY {source} TO STDOUT{_options(task)}"


def _table(task: Copied) -> str:
    return f"{task.table} ({', '.join(task.columns)})" if task.columns else str(task.table)


def _options(task: Copied) -> str:
    """In the order of the server's documentation."""
    found = [
        f"FORMAT {task.format}" if task.format != "TEXT" else None,
        _flag("OIDS", task.oids),
        _flag("FREEZE", task.freeze),
        _text("DELIMITER", task.delimiter),
        _text("NULL", task.null_string),
        _flag("HEADER", task.header),
        _text("QUOTE", task.quote),
        _text("ESCAPE", task.escape),
        _columns("FORCE_QUOTE", task.force_quote),
        _columns("FORCE_NOT_NULL", task.force_not_null),
        _columns("FORCE_NULL", task.force_null),
        _text("ENCODING", task.encoding),
    ]
    options = [each for each in found if each is not None]
    return f" WITH ({', '.join(options)})" if options else ""


def _flag(name: str, value: bool | None) -> str | None:  # noqa: FBT001 - the value of the option
    return None if value is None else f"{name} {'TRUE' if value else 'FALSE'}"


def _text(name: str, value: str | None) -> str | None:
    return None if value is None else f"{name} '" + value.replace("'", "''") + "'"


def _columns(name: str, columns: list[str]) -> str | None:
    return f"{name} ({', '.join(columns)})" if columns else None
