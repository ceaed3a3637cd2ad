"""The processes of standalone: how all of them start, stay alive and stop, and how far each has come."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from toccata.standalone.disk import LEAST_FREE, disk_problem, free_bytes
from toccata.standalone.errors import StandaloneError
from toccata.standalone.home import RunFile, write_run_file, write_targets
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_users import KafkaUsers
from toccata.standalone.postgres import EmbeddedPostgres
from toccata.standalone.secret import DATABASE_URL, write_secret
from toccata.standalone.service import SERVICES, ServiceProcess
from toccata.standalone.settings import StandaloneSettings
from toccata.standalone.terminal import Terminal
from toccata.standalone.upkeep import Unit, keep_alive
from toccata.standalone.web_sign_in import FILE, SignIn

_READY_INTERVAL_SECONDS = 0.05
_WAITING_SECONDS = 15.0
_RETRY_SECONDS = 2.0
_MOST_FALSE_STARTS = 5
"""After so many ends before it was ever ready, a service will not get ready."""
_DRAIN_MARGIN_SECONDS = 3.0


@dataclass(slots=True)
class System:
    """The processes, and how far each has come."""

    settings: StandaloneSettings
    home: Path
    terminal: Terminal
    kafka: EmbeddedKafka | None
    postgres: EmbeddedPostgres | None
    bootstrap: str
    database_url: str
    services: list[ServiceProcess]
    sign_in: SignIn
    sign_in_kept: bool
    users: KafkaUsers | None = None
    """Those of the embedded Kafka."""
    began: float = field(default_factory=time.monotonic)
    ready: bool = False
    stopping: bool = False
    been_ready: set[str] = field(default_factory=set)
    false_starts: dict[str, int] = field(default_factory=dict)

    async def serve(self) -> None:
        """Start everything at once. Returns only by cancellation or failure."""
        kafka_up, postgres_up, topics_exist = asyncio.Event(), asyncio.Event(), asyncio.Event()
        # Services wait for servers by themselves, but not for topics, users and roles that do not exist yet.
        gates = () if self._is_prepared else (topics_exist, postgres_up)
        async with asyncio.TaskGroup() as group:
            if self.kafka is None:
                kafka_up.set()
            else:
                group.create_task(self._keep("kafka", self.kafka, kafka_up))
            if self.postgres is None:
                postgres_up.set()
            else:
                group.create_task(self._keep("postgres", self.postgres, postgres_up))
            for service in self.services:
                group.create_task(self._keep_service(service, gates))
            group.create_task(self._make_topics(kafka_up, topics_exist))
            group.create_task(self._announce((kafka_up, postgres_up, topics_exist)))

    async def drain(self, hurry: asyncio.Event) -> None:
        """Stop services first, then PostgreSQL, then Kafka, so that nothing loses a server that it still needs."""
        grace = self.settings.drain_seconds + _DRAIN_MARGIN_SECONDS
        await _unless(hurry, [service.stop(grace) for service in self.services])
        for service in self.services:
            await service.stop(0)
        if self.postgres is not None:
            await self.postgres.stop()
        if self.kafka is not None:
            await self.kafka.stop()

    @property
    def _is_prepared(self) -> bool:
        """True if the embedded servers have what services need from the first moment."""
        has_users = self.users is not None and self.users.are_made
        has_topics = self.kafka is not None and self.kafka.has_data and has_users
        return has_topics and (self.postgres is None or self.postgres.has_roles)

    async def _keep_service(self, service: ServiceProcess, gates: tuple[asyncio.Event, ...]) -> None:
        for gate in gates:
            await gate.wait()
        await self._keep(service.name, service, asyncio.Event())

    async def _keep(self, name: str, unit: Unit, up: asyncio.Event) -> None:
        def started() -> None:
            up.set()
            self.write_run_file()

        await keep_alive(unit, started, partial(self._ended, name))

    def _ended(self, name: str, how: str) -> None:
        self.terminal.say(f"{name} ended ({how}); starting it again. Its log: {self.home / 'log' / name}.log")
        if free_bytes(self.home) < LEAST_FREE:
            self.terminal.say(
                f"The disk of {self.home} is nearly full. Make room; then everything goes on by itself."
            )
        self.write_run_file()
        if name not in SERVICES or name in self.been_ready:
            return
        self.false_starts[name] = self.false_starts.get(name, 0) + 1
        if self.false_starts[name] >= _MOST_FALSE_STARTS:
            tail = next(service.tail() for service in self.services if service.name == name)
            raise StandaloneError(f"{name} does not start ({how}). The end of its log:\n{tail}")

    async def _make_topics(self, kafka_up: asyncio.Event, exist: asyncio.Event) -> None:
        await kafka_up.wait()
        # Imported late because it is heavy: the services start meanwhile.
        from toccata.runtime.errors import Fatal, Transient
        from toccata.runtime.settings import KafkaSettings
        from toccata.runtime.topic_admin import ensure_topics

        while True:
            try:
                await ensure_topics(
                    KafkaSettings(bootstrap_servers=self.bootstrap)
                    if self.users is None
                    else self.users.settings("operator", self.bootstrap)
                )
                break
            except Transient as error:
                self.terminal.say(f"Topics: {error}; trying again")
                await asyncio.sleep(_RETRY_SECONDS)
            except Fatal as error:
                raise StandaloneError(f"The topics of this Kafka do not fit: {error}") from error
        exist.set()

    async def _announce(self, steps: tuple[asyncio.Event, ...]) -> None:
        """Say when everything is ready. Until then, say now and then what is not."""
        reminded = time.monotonic()
        for step in steps:
            await step.wait()
        waiting = list(self.services)
        while waiting:
            answers = await asyncio.gather(*(service.ready() for service in waiting))
            self.been_ready |= {s.name for s, ready in zip(waiting, answers, strict=True) if ready}
            waiting = [service for service in self.services if service.name not in self.been_ready]
            if time.monotonic() - reminded > _WAITING_SECONDS and waiting:
                reminded = time.monotonic()
                names = ", ".join(service.name for service in waiting)
                self.terminal.say(f"Still waiting for {names}; logs are in {self.home / 'log'}")
            await asyncio.sleep(_READY_INTERVAL_SECONDS if waiting else 0)
        self.ready = True
        self.write_run_file()
        self.terminal.say(self._welcome())

    def _welcome(self) -> str:
        shown = (
            f"{self.sign_in.password}   (kept in {self.home / FILE})"
            if self.sign_in_kept
            else "(as set in TOCCATA_AUTH_PASSWORD)"
        )
        seconds = time.monotonic() - self.began
        return (
            f"\nToccata is ready at {self.settings.public_url} ({seconds:.1f} s)\n"
            f"  sign in    {self.sign_in.username}  {shown}\n"
            f"  Kafka      {self.bootstrap}{'' if self.kafka else ' (yours)'}\n"
            f"  PostgreSQL {_without_password(self.database_url)}{'' if self.postgres else ' (yours)'}\n"
            f"  data       {self.home}   logs in {self.home / 'log'}\n"
            "Ctrl-C stops it.\n"
        )

    def write_run_file(self) -> None:
        """If this fails, the system goes on, but commands do not find it by themselves."""
        try:
            content = self._run_file()
            write_secret(self.home, DATABASE_URL, self.database_url)
            write_run_file(self.home, content)
            write_targets(self.home, content["health"])
        except OSError as error:
            self.terminal.say(
                f"Commands may not find this system: {disk_problem(error, self.home / 'run.json')}"
            )

    def _run_file(self) -> RunFile:
        units: dict[str, Unit] = {service.name: service for service in self.services}
        units |= {"kafka": self.kafka} if self.kafka is not None else {}
        units |= {"postgres": self.postgres} if self.postgres is not None else {}
        return RunFile(
            pid=os.getpid(),
            url=self.settings.local_url,
            kafka_bootstrap_servers=self.bootstrap,
            kafka_topic_prefix=self.settings.kafka_topic_prefix,
            database_url=_without_password(self.database_url),
            ready=self.ready,
            kafka_users=str(self.users.directory) if self.users is not None else "",
            postgres_users=str(self.postgres.data_directory) if self.postgres is not None else "",
            pids={name: unit.pid for name, unit in units.items() if unit.pid is not None},
            health={service.name: service.health_url for service in self.services},
            sign_in_kept=self.sign_in_kept,
        )


async def _unless(hurry: asyncio.Event, work: list[Coroutine[Any, Any, None]]) -> None:
    """Await all of it, or stop waiting when the person is in a hurry."""
    hurried: asyncio.Future[Any] = asyncio.ensure_future(hurry.wait())
    all_of_it: asyncio.Future[Any] = asyncio.gather(*work)
    await asyncio.wait([hurried, all_of_it], return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    all_of_it.cancel()
    with suppress(asyncio.CancelledError):
        await all_of_it


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    credentials, at, address = rest.rpartition("@")
    return f"{scheme}://{credentials.partition(':')[0]}{at}{address}"
