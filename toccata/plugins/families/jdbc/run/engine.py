"""Runs the statements of one job over any driver. Blocks; a thread or a child of its own runs it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from toccata.plugins.families.jdbc.run.batch import insert_rows
from toccata.plugins.families.jdbc.run.cell import converted, converter
from toccata.plugins.families.jdbc.run.copy import copied
from toccata.plugins.families.jdbc.run.driver import Driver, Found, driver_of
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Batch, Copy, Done, Fetched, Job, Statements
from toccata.plugins.families.jdbc.run.parameter import bound
from toccata.plugins.families.jdbc.run.session import Session, explained
from toccata.plugins.families.jdbc.run.splitter import Statement, split
from toccata.rows.output import as_output
from toccata.rows.write import write_records

MOST_FETCHED_BYTES = 10 * 1024 * 1024
"""Of rows in outputs. The engine's own limit for the outputs of a task is the same."""


def carried_out(job: Job, session: Session) -> Done:
    """Raises SqlFailed, and ModuleNotFoundError if the driver's library is not installed."""
    driver = driver_of(job.login.database)
    work = job.work
    match work:
        case Statements():
            return _Run(driver, job, work, session).done()
        case Batch():
            return insert_rows(driver, job.login, work, session)
        case Copy():
            return copied(driver, job.login, work, session)


class _Run:
    """The statements of one task, over one connection."""

    def __init__(self, driver: Driver, job: Job, work: Statements, session: Session) -> None:
        self._driver = driver
        self._login = job.login
        self._work = work
        self._session = session
        self._convert = converter(driver, job.login.zone)

    def done(self) -> Done:
        work, driver = self._work, self._driver
        statements = self._statements()
        together = driver.transactions and ((work.many and work.transaction) or bool(work.after))
        fetched: list[Fetched] = []
        with (
            self._session.open(driver, self._login, autocommit=not together) as connection,
            _all_or_none(driver, connection, together=together),
        ):
            for number, statement in enumerate(statements, 1):
                place = (
                    f"statement {number} of {len(statements)} (line {statement.line})"
                    if len(statements) > 1
                    else ""
                )
                fetched += self._results(connection, statement, place)
            if work.after:
                self._results(connection, Statement(work.after, 1), "afterSQL")
            if not together and driver.transactions and not driver.autocommits:
                connection.commit()
        return Done(fetched=fetched)

    def _statements(self) -> Sequence[Statement]:
        """Raises SqlFailed if there is none, or one too many."""
        driver, work = self._driver, self._work
        found = split(work.sql, driver.lexis)
        if not found:
            raise SqlFailed("sql: there is no statement")
        if len(found) == 1 or work.many or driver.several(driver.address(self._login)):
            return found
        raise SqlFailed(
            f"sql: Query runs one statement, and here are {len(found)}: use Queries, the type beside it"
        )

    def _results(self, connection: Any, statement: Statement, place: str) -> list[Fetched]:
        driver, work = self._driver, self._work
        prepared = bound(statement.text, work.parameters, driver.style, driver.lexis)
        with explained(driver, place):
            found = driver.fetch(connection, prepared, work.fetch_size)
            return [self._fetched(found)] if found is not None else []

    def _fetched(self, found: Found) -> Fetched:
        records = converted(found, self._convert)
        match self._work.fetch:
            case "STORE":
                return _stored(Path(self._login.directory), found.columns, records)
            case "FETCH":
                rows = list(_outputs(found.columns, records))
                return Fetched(rows=rows, size=len(rows))
            case "FETCH_ONE":
                rows = [
                    dict(zip(found.columns, map(as_output, record), strict=True))
                    for record in _first(records)
                ]
                return Fetched(row=rows[0] if rows else None, size=len(rows))
            case "NONE":
                for _ in found.records:
                    pass
                return Fetched()


def _first(records: Iterator[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The first record, if there is one. The others are read, because some of them may have effects."""
    first: list[Sequence[Any]] = []
    for record in records:
        if not first:
            first.append(record)
    return first


def _stored(directory: Path, columns: Sequence[str], records: Iterator[Sequence[Any]]) -> Fetched:
    path = directory / f"rows-{secrets.token_hex(6)}.ion"
    try:
        with path.open("wb") as file:
            size = write_records(file, columns, records)
    except OSError as error:
        raise SqlFailed(
            f"cannot write the rows to the working directory: {error.strerror or error}"
        ) from error
    return Fetched(path=str(path), size=size)


def _outputs(columns: Sequence[str], records: Iterator[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Raises SqlFailed once they are too many to be outputs."""
    total = 0
    for number, record in enumerate(records, 1):
        row = dict(zip(columns, map(as_output, record), strict=True))
        total += len(_size.encode(row))
        if total > MOST_FETCHED_BYTES:
            raise SqlFailed(
                f"the first {number:,} rows have more than {MOST_FETCHED_BYTES // 2**20} MB, too much for outputs:"
                " use fetchType STORE"
            )
        yield row


_size = msgspec.json.Encoder(decimal_format="number")


@contextmanager
def _all_or_none(driver: Driver, connection: Any, *, together: bool) -> Iterator[None]:
    """Commit at the end, or roll back."""
    try:
        yield
        if together:
            with explained(driver, "commit"):
                connection.commit()
    except BaseException:
        if together:
            _roll_back(connection)
        raise


def _roll_back(connection: Any) -> None:
    with suppress(Exception):  # the connection may be lost, and then the server rolls back
        connection.rollback()
