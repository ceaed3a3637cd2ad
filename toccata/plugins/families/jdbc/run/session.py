"""The connection of a job: opened, closed, and stopped from another thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import Any

from toccata.plugins.families.jdbc.run.driver import Driver, Opening, close
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Login

_MOST_NOTES = 1000


class Session:
    """Lives as long as the job."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._stopped = Event()
        self._running: tuple[Driver, Any] | None = None
        self._lock = Lock()

    def note(self, line: str) -> None:
        """Keep a line for the task's log. Those past the limit are dropped, and the last one says so."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(line)
        elif len(self.notes) == _MOST_NOTES:
            self.notes.append("there was more to say; further lines are left out")

    def stop(self) -> None:
        """Call it from another thread. The statement that runs is cancelled, and no other begins."""
        self._stopped.set()
        with self._lock:
            running = self._running
        if running is not None:
            driver, connection = running
            with suppress(Exception):  # the job ends anyhow, and nobody waits for it
                driver.cancel(connection)

    def pause(self, seconds: float) -> None:
        """Raises SqlFailed if it is stopped meanwhile."""
        if self._stopped.wait(seconds):
            raise SqlFailed("stopped")

    @contextmanager
    def open(self, driver: Driver, login: Login, *, autocommit: bool) -> Iterator[Any]:
        """The library's connection. Raises SqlFailed."""
        address = driver.address(login)
        try:
            connection = driver.connect(Opening(address, login, autocommit, self.note))
        except driver.error_class() as error:
            place = f"{driver.name} at {address.place}" if address.place else driver.name
            raise SqlFailed(
                f"cannot connect to {place}: {driver.explain(error)}", lost=driver.lost(error)
            ) from error
        try:
            with self._lock:
                self._running = (driver, connection)
            self.pause(0)
            yield connection
        finally:
            with self._lock:
                self._running = None
            close(connection)


@contextmanager
def explained(driver: Driver, place: str) -> Iterator[None]:
    """Turn the library's errors into SqlFailed. ``place``: which statement, or empty."""
    try:
        yield
    except driver.error_class() as error:
        text = driver.explain(error)
        raise SqlFailed(f"{place}: {text}" if place else text, lost=driver.lost(error)) from error
