"""A real Kafka and a real PostgreSQL for tests: those named in the environment, else embedded ones.

Embedded servers start when a test first needs them, once for all xdist workers. At the end of the session they are stopped by
their pid. Each test has its own topic prefix and its own database, so tests do not disturb each other.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import pytest
from _pytest.terminal import TerminalReporter

_DIRECTORY = "TOCCATA_TEST_SERVERS_DIR"
_SESSION_PID = "TOCCATA_TEST_SESSION_PID"
_START_SECONDS = 180.0
_STOP_SECONDS = 40.0
_LOG_CHARACTERS = 6000

DatabaseFactory = Callable[[], str]


def pytest_configure(config: pytest.Config) -> None:
    """The first process of the session makes the directory. Its xdist workers inherit the name."""
    if not hasattr(config, "workerinput"):
        os.environ[_DIRECTORY] = tempfile.mkdtemp(prefix="toccata-tests-")
        os.environ[_SESSION_PID] = str(os.getpid())


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Show why a server ended before its session, because then every later failure is only a consequence."""
    for directory in Path(os.environ[_DIRECTORY]).glob("*/"):
        pid = directory / "host.pid"
        if pid.exists() and not _runs(int(pid.read_text())):
            terminalreporter.section(f"{directory.name} died during the session")
            for log in sorted(directory.glob("*.log")):
                terminalreporter.write_line(
                    f"{log.name}:\n{log.read_text(errors='replace')[-_LOG_CHARACTERS:]}"
                )


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process of the session stops everything that its workers started."""
    if hasattr(config, "workerinput"):
        return
    directory = Path(os.environ.pop(_DIRECTORY))
    hosts = [int(file.read_text()) for file in directory.glob("*/host.pid")]
    for pid in hosts:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in hosts:
        _await_end(pid)
    shutil.rmtree(directory, ignore_errors=True)


def _await_end(pid: int) -> None:
    """A server that is late is killed: how long it takes to stop is no result of a test."""
    with contextlib.suppress(psutil.NoSuchProcess):
        host = psutil.Process(pid)
        try:
            host.wait(_STOP_SECONDS)
        except psutil.TimeoutExpired:
            print(
                f"\nA server of tests did not stop within {_STOP_SECONDS:.0f} s, and is killed.",
                file=sys.stderr,
            )
            for process in (*host.children(recursive=True), host):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


def _embedded(server: str) -> str:
    """Return the address of the session's server. The first caller starts it under a lock."""
    directory = Path(os.environ[_DIRECTORY]) / server
    directory.mkdir(exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "host.pid").exists():
            _start_host(directory, server)
        return _announced(directory)


def _start_host(directory: Path, server: str) -> None:
    with (directory / "host.log").open("w") as log:
        host = subprocess.Popen(
            [sys.executable, "-m", "tests.support.server_host", directory, server, os.environ[_SESSION_PID]],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
    (directory / "host.pid").write_text(str(host.pid))


def _announced(directory: Path) -> str:
    """Wait for the file, which is the signal. It appears by a rename, so it is always complete."""
    announcement = directory / "announcement.json"
    pid = int((directory / "host.pid").read_text())
    deadline = time.monotonic() + _START_SECONDS
    while not announcement.exists():
        if time.monotonic() > deadline or not _runs(pid):
            pytest.fail(
                f"The test server did not start:\n{(directory / 'host.log').read_text()}", pytrace=False
            )
        time.sleep(0.05)
    address: str = json.loads(announcement.read_text())["address"]
    return address


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


@pytest.fixture(scope="session")
def kafka() -> str:
    """Return the bootstrap address of a real Kafka. Choose your own topic prefix."""
    return os.environ.get("TOCCATA_TEST_KAFKA") or _embedded("kafka")


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """Return the URL of a real PostgreSQL whose user may create databases."""
    return os.environ.get("TOCCATA_TEST_DATABASE_URL") or _embedded("postgres")


@pytest.fixture
def databases(postgres_server: str) -> Iterator[DatabaseFactory]:
    """Call this for the URL of a fresh, empty database. All of them are dropped after the test."""
    made: list[str] = []

    def fresh() -> str:
        name = f"test_{secrets.token_hex(6)}"
        _administer(postgres_server, f'CREATE DATABASE "{name}"')
        made.append(name)
        return urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))

    yield fresh
    for name in made:
        _administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres(databases: DatabaseFactory) -> str:
    """Return the URL of a fresh, empty database."""
    return databases()


def _administer(url: str, statement: str) -> None:
    """Run the statement in a loop in another thread, because the calling test may run a loop here."""

    async def execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(lambda: asyncio.run(execute())).result()
