"""The bulk copy of PostgreSQL between a file and a table."""

from __future__ import annotations

from toccata.plugins.families.jdbc.run.driver import Driver
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Copy, Done, Login
from toccata.plugins.families.jdbc.run.session import Session, explained


def copied(driver: Driver, login: Login, work: Copy, session: Session) -> Done:
    assert driver.copy is not None, "only PostgreSQL has tasks that copy"
    with session.open(driver, login, autocommit=True) as connection, explained(driver, ""):
        try:
            return Done(rows=driver.copy(connection, work))
        except OSError as error:
            raise SqlFailed(f"the file cannot be read or written: {error.strerror or error}") from error
