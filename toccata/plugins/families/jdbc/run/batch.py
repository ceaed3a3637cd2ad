"""Inserts the rows of a file, chunk by chunk, with a commit after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from toccata.plugins.families.jdbc.run.driver import Driver
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Batch, Done, Login
from toccata.plugins.families.jdbc.run.parameter import mark, with_marks
from toccata.plugins.families.jdbc.run.session import Session, explained
from toccata.rows.read import NotRows, read_rows


@dataclass(slots=True)
class _Progress:
    rows: int = 0
    updated: int = 0


@dataclass(frozen=True, slots=True)
class _Insert:
    sql: str
    count: int
    """Of placeholders."""
    columns: Sequence[str]
    """The keys of a row in their order. Empty: as the row has them."""


def insert_rows(driver: Driver, login: Login, work: Batch, session: Session) -> Done:
    progress = _Progress()
    for attempt in range(work.retries + 1):
        try:
            with session.open(driver, login, autocommit=not driver.transactions) as connection:
                _insert_rest(driver, connection, work, progress)
            break
        except SqlFailed as failure:
            if not failure.lost or attempt == work.retries:
                raise
            session.note(
                f"the connection broke after {progress.rows} rows, so this is tried again: {failure}"
            )
            session.pause(work.backoff * 2**attempt)
            if not work.resume:
                progress = _Progress()
    return Done(rows=progress.rows, updated=progress.updated)


def _insert_rest(driver: Driver, connection: Any, work: Batch, progress: _Progress) -> None:
    with explained(driver, ""):
        insert = _insert(driver, connection, work)
    for records in _chunks(work, insert, progress.rows):
        with explained(driver, f"rows {progress.rows + 1} to {progress.rows + len(records)}"):
            updated = driver.insert(connection, insert.sql, records)
            if driver.transactions:
                connection.commit()
        progress.rows += len(records)
        progress.updated += updated


def _insert(driver: Driver, connection: Any, work: Batch) -> _Insert:
    if work.sql:
        sql, count = with_marks(work.sql, driver.style, driver.lexis)
        return _Insert(sql, count, work.columns)
    if not work.table:
        raise SqlFailed("one of `sql` and `table` is needed")
    columns = list(work.columns)
    names = columns
    if not columns:
        columns = driver.columns_of(connection, work.table)
        names = [driver.quoted(name) for name in columns]
    marks = ", ".join(mark(driver.style, number) for number in range(1, len(columns) + 1))
    return _Insert(f"INSERT INTO {work.table} ({', '.join(names)}) VALUES ({marks})", len(columns), columns)  # noqa: S608 - the flow's own


def _chunks(work: Batch, insert: _Insert, skipped: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Raises SqlFailed that names the row."""
    rows = islice(enumerate(read_rows(Path(work.source)), 1), skipped, None)
    try:
        while batch := list(islice(rows, work.chunk)):
            yield [_values(row, number, insert) for number, row in batch]
    except NotRows as error:
        raise SqlFailed(f"from: {error}") from error


def _values(row: Any, number: int, insert: _Insert) -> Sequence[Any]:
    if isinstance(row, dict):
        values = [row.get(name) for name in insert.columns] if insert.columns else list(row.values())
    elif isinstance(row, list):
        values = row
    else:
        raise SqlFailed(f"from: row {number} is a {type(row).__name__}: each row must be a map or a list")
    if len(values) != insert.count:
        raise SqlFailed(
            f"from: row {number} has {len(values)} values, and the statement has {insert.count} placeholders"
        )
    return values
