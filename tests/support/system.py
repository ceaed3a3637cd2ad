"""The whole system of one test: five services as real processes, with their own topics, database, home and ports.

Use ``async with running_system(kafka, postgres_server, home) as system``, or the fixture ``system`` (one for each session, for
tests that only use it). Tests that kill services use ``own_system``. This module must never know what the services do.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from tests.support.declared import check_answer
from tests.support.topics import delete_topics, fresh_prefix
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics
from toccata.standalone.port import LOOPBACK, free_port
from toccata.standalone.service import SERVICES

T = TypeVar("T")

USERNAME = "tests@toccata.example"
PASSWORD = "Strong-Enough-1"
ENCRYPTION_KEY = "dGVzdHMgb2YgdG9jY2F0YSBlbmNyeXB0IHdpdGggaXQ="
ROOT = Path(__file__).parents[2]
_TETHER = ROOT / "toccata" / "standalone" / "tether.py"
_START_SECONDS = 90.0
_STOP_SECONDS = 20.0
_GLANCE_SECONDS = 0.05
_LOG_LINES = 40
_NEVER_INHERITED = ("TOCCATA_KAFKA_TOPIC_PREFIX", "TOCCATA_INSTANCE", "TOCCATA_HEALTH_PORT")


@dataclass
class Replica:
    """One process of one service. Its name is that of the service, or ``<service>-2`` and so on for further ones."""

    name: str
    service: str
    health_port: int
    environment: Mapping[str, str]
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """Variables of its next process alone."""

    @property
    def pid(self) -> int:
        """Return the pid. Raise AssertionError if it does not run."""
        assert self.process is not None, f"{self.name} has not been started"
        assert self.process.poll() is None, (
            f"{self.name} ended with {self.process.returncode}:\n{self.tail()}"
        )
        return self.process.pid

    @property
    def health_url(self) -> str:
        return f"http://{LOOPBACK}:{self.health_port}"

    def spawn(self) -> None:
        # In the main thread, because the kernel ends a tethered child with the thread that started it.
        argv = [
            sys.executable,
            "-I",
            "-S",
            str(_TETHER),
            str(os.getpid()),
            str(int(signal.SIGKILL)),
            "-1",
            "-1",
        ]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, sys.executable, "-m", SERVICES[self.service]],
                cwd=ROOT,
                env={**self.environment, **self.extra},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal. Nothing happens if the process has ended."""
        if self.process is not None:
            self.process.send_signal(number)

    async def wait(self, seconds: float = _STOP_SECONDS) -> int:
        """Return its exit code. Raise TimeoutError if it still runs."""
        assert self.process is not None, f"{self.name} has not been started"
        process = self.process
        async with asyncio.timeout(seconds):
            while process.poll() is None:  # noqa: ASYNC110 - only polling shows the end of a process
                await asyncio.sleep(_GLANCE_SECONDS)
        return int(process.returncode)

    def tail(self) -> str:
        """Return the last lines of its log, for a failure's message."""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-_LOG_LINES:])


@dataclass
class System:
    """Addresses for clients, and processes for tests that disturb them. Services are named as in SERVICES."""

    url: str
    kafka: KafkaSettings
    database_url: str
    home: Path
    environment: Mapping[str, str]
    """The environment that a service, or the command line, needs to join this system."""
    auth: tuple[str, str] = (USERNAME, PASSWORD)
    replicas: dict[str, Replica] = field(default_factory=dict)

    def client(self, seconds: float = 60) -> httpx.AsyncClient:
        """Return a signed-in client. Paths begin with ``/api/v1/…``. Every answer is checked against the API's document."""
        hooks = {"response": [check_answer]}
        return httpx.AsyncClient(base_url=self.url, auth=self.auth, timeout=seconds, event_hooks=hooks)

    def pid(self, name: str) -> int:
        return self.replicas[name].pid

    def add(self, service: str, **settings: str) -> Replica:
        """Add one process of a service without starting it. ``settings`` are variables of its environment."""
        number = 1 + sum(replica.service == service for replica in self.replicas.values())
        name = service if number == 1 else f"{service}-{number}"
        port = free_port()
        own = {"TOCCATA_HEALTH_PORT": str(port), "TOCCATA_INSTANCE": name}
        if service == "web" and number > 1:
            own["TOCCATA_WEB_PORT"] = str(free_port())
        log_path = self.home / "log" / f"{name}.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        replica = Replica(name, service, port, {**self.environment, **own, **settings}, log_path)
        self.replicas[name] = replica
        return replica

    def kill(self, name: str) -> None:
        """Send SIGKILL. ``start`` brings it back."""
        self.replicas[name].send(signal.SIGKILL)

    def freeze(self, name: str) -> None:
        self.replicas[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.replicas[name].send(signal.SIGCONT)

    async def start(self, *names: str, wait: bool = True) -> None:
        """Start what does not run, and wait until it is ready."""
        for name in names:
            replica = self.replicas[name]
            if replica.process is not None and replica.process.poll() is None:
                continue
            replica.spawn()
        if wait:
            await self.ready(*names)

    async def stop(self, *names: str) -> None:
        """Send SIGTERM to all and wait for each to drain. Past the deadline send SIGKILL."""
        running = [replica for name in names if (replica := self.replicas[name]).process is not None]
        for replica in running:
            replica.send(signal.SIGCONT)
            replica.send(signal.SIGTERM)
        for replica in running:
            try:
                await replica.wait()
            except TimeoutError:
                replica.send(signal.SIGKILL)
                await replica.wait()

    async def restart(self, name: str, *, kill: bool = False) -> None:
        """Drain or kill it, then start it. It is ready on return."""
        if kill:
            self.kill(name)
            await self.replicas[name].wait()
        else:
            await self.stop(name)
        await self.start(name)

    async def ready(self, *names: str, seconds: float = _START_SECONDS) -> None:
        """Wait until these (default: all) are ready. Fail with the log if one ends or is late."""
        waiting = [self.replicas[name] for name in names] or list(self.replicas.values())
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(timeout=2) as client:
            while waiting:
                waiting = [replica for replica in waiting if not await _is_ready(client, replica)]
                if waiting and time.monotonic() > deadline:
                    logs = "\n\n".join(f"{replica.name}:\n{replica.tail()}" for replica in waiting)
                    pytest.fail(f"not ready after {seconds:.0f} s: {logs}", pytrace=False)
                await asyncio.sleep(_GLANCE_SECONDS if waiting else 0)


async def _is_ready(client: httpx.AsyncClient, replica: Replica) -> bool:
    _ = replica.pid
    with contextlib.suppress(httpx.HTTPError):
        return (await client.get(f"{replica.health_url}/health/ready")).status_code == 200
    return False


@contextlib.asynccontextmanager
async def running_system(
    kafka: str, postgres_server: str, home: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[System]:
    """Run all five services. At the end stop them by their pids and drop the database. ``settings``: more variables."""
    prefix = fresh_prefix()
    kafka_settings = KafkaSettings(bootstrap_servers=kafka, topic_prefix=prefix)
    await within(_START_SECONDS, lambda: ensure_topics(kafka_settings), Transient)
    async with own_database(postgres_server) as database_url:
        web_port = free_port()
        environment = {n: v for n, v in os.environ.items() if n not in _NEVER_INHERITED} | {
            "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "TOCCATA_KAFKA_TOPIC_PREFIX": prefix,
            "TOCCATA_DATABASE_URL": database_url,
            "TOCCATA_HOME": str(home),
            "TOCCATA_WEB_PORT": str(web_port),
            "TOCCATA_URL": f"http://{LOOPBACK}:{web_port}",
            "TOCCATA_AUTH_USERNAME": USERNAME,
            "TOCCATA_AUTH_PASSWORD": PASSWORD,
            "TOCCATA_WORKER_HTTP_ALLOWED": LOOPBACK,  # servers of tests
            "TOCCATA_ENCRYPTION_SECRET_KEY": ENCRYPTION_KEY,
            **(settings or {}),
        }
        system = System(environment["TOCCATA_URL"], kafka_settings, database_url, home, environment)
        try:
            for service in SERVICES:
                system.add(service)
            await system.start(*SERVICES)
            yield system
        finally:
            await system.stop(*system.replicas)
    await delete_topics(kafka_settings)


@contextlib.asynccontextmanager
async def own_database(postgres_server: str) -> AsyncIterator[str]:
    """Return the URL of a fresh, empty database, which is dropped at the end."""
    name = f"system_{secrets.token_hex(6)}"
    await _administer(postgres_server, f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    finally:
        await _administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def within(seconds: float, ask: Callable[[], Awaitable[T]], *retried: type[Exception]) -> T:
    """Return the first true answer of ``await ask()``. Past the deadline fail with the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            answer = await ask()
            if answer:
                return answer
            last = answer
        except retried as error:
            last = error
        if time.monotonic() > deadline:
            pytest.fail(f"no answer within {seconds:.0f} s (last: {last!r})", pytrace=False)
        await asyncio.sleep(_GLANCE_SECONDS)


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def system(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """One system for all tests of this process that only use it. Choose your own flow ids."""
    async with running_system(kafka, postgres_server, tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture
async def own_system(kafka: str, postgres_server: str, tmp_path: Path) -> AsyncIterator[System]:
    """A system for one test alone, which may kill, freeze and restart anything."""
    async with running_system(kafka, postgres_server, tmp_path / "system") as running:
        yield running
