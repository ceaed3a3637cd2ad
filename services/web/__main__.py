"""The composition root of web: settings in, everything wired, served until told to stop."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import random
import socket
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import uvicorn

from contracts.expression.errors import ExpressionError
from contracts.scalars import base62
from contracts.topics import EXECUTION_PARTITIONS, INBOX_PARTITIONS
from services.plugins.catalog import PluginCatalog
from services.runtime.errors import Fatal
from services.runtime.flow_table import FlowTable
from services.runtime.health import HealthServer
from services.runtime.kafka import Producer
from services.runtime.log import get_logger
from services.runtime.metrics import Metrics
from services.runtime.postgres import PostgresSettings, open_pool
from services.runtime.run import instance_name, run_service
from services.runtime.settings import CommonSettings, KafkaSettings
from services.web.adapters.event_tail import EventTail
from services.web.adapters.http.app import create_app
from services.web.adapters.http.parts import Parts
from services.web.adapters.log_tail import LogTail
from services.web.adapters.postgres import PostgresRows, ProjectionWaiter
from services.web.adapters.reply_tail import ReplyTail
from services.web.core.rendering import Ports
from services.web.settings import AuthSettings, WebSettings, credentials_of
from services.web.shell.admission import Admission
from services.web.shell.executions import Executions
from services.web.shell.flows import Flows
from services.web.shell.triggers import Triggers

log = get_logger()
SECRET_PREFIX = "SECRET_"  # noqa: S105 - the beginning of variable names
_KEEP_ALIVE_SECONDS = 3600
_GRACEFUL_SECONDS = 5
_APPEND_SECONDS = 10.0


def main() -> int:
    common = CommonSettings()
    return run_service("web", common, partial(serve, common))


async def serve(common: CommonSettings, stop: asyncio.Event) -> None:
    settings, auth, kafka, database = WebSettings(), AuthSettings(), KafkaSettings(), PostgresSettings()
    credentials = credentials_of(auth, settings.host)
    name = instance_name(common, "web")
    listener = _listen(settings.host, settings.port)
    port = int(listener.getsockname()[1])
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        producer = Producer(kafka, name, deadline_seconds=_APPEND_SECONDS)
        stack.push_async_callback(producer.stop)
        pool = await open_pool(database, name, most=settings.database_connections)
        stack.push_async_callback(pool.close)
        projection = ProjectionWaiter(database.url.get_secret_value())
        await projection.start()
        stack.push_async_callback(projection.stop)
        rows = PostgresRows(pool)
        table = FlowTable(kafka, name)
        events = EventTail(kafka, name)
        replies = ReplyTail(kafka, name, random.SystemRandom().randrange(INBOX_PARTITIONS))
        logs = LogTail(kafka, name)
        stack.push_async_callback(logs.stop)
        admission = Admission(events.tail, rows, EXECUTION_PARTITIONS, settings.max_projection_lag)
        checks = {
            "kafka": lambda: events.tail.connected and replies.tail.connected,
            "flows": lambda: table.ready,
        }
        parts = Parts(
            settings=settings,
            credentials=credentials,
            public_url=(settings.public_url or f"http://{settings.host}:{port}").rstrip("/"),
            instance_id=base62(uuid4().int),
            executions=Executions(producer, events, rows, projection, admission),
            flows=Flows(producer, replies, table, projection),
            triggers=Triggers(producer, replies, rows),
            rows=rows,
            projection=projection,
            table=table,
            logs=logs,
            catalog=PluginCatalog.load(settings.plugin_folders),
            registry=metrics.registry,
            checks=checks,
            ports=secret_ports(os.environ),
        )
        health = HealthServer(common.health_host, common.health_port, checks, metrics.registry)
        await health.start()
        stack.push_async_callback(health.stop)
        background = [table.run(), events.tail.run(), replies.tail.run(), admission.run()]
        await _until_stopped(_server(parts), listener, background, stop)


def secret_ports(environment: Mapping[str, str]) -> Ports:
    """``secret('KEY')`` in webhook keys: base64 text in the variable ``SECRET_KEY``, as Kestra's open source has it."""
    secrets = {
        name.removeprefix(SECRET_PREFIX): value
        for name, value in environment.items()
        if name.startswith(SECRET_PREFIX)
    }

    def secret(key: str) -> str:
        encoded = secrets.get(key.upper())
        if encoded is None:
            raise ExpressionError(f"Cannot find secret for key '{key}'.")
        try:
            return base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            raise ExpressionError(f"The secret '{key}' is not base64 text.") from None

    return {"secret": secret}


class _Server(uvicorn.Server):
    """Signals belong to ``run_service``."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(parts: Parts) -> _Server:
    config = uvicorn.Config(
        create_app(parts),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=32 * 1024,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    """Raises Fatal when the address is taken: another one is a decision for people."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise Fatal(f"cannot listen on {host}:{port}: {error.strerror}; set TOCCATA_WEB_PORT") from error
    return listener


async def _until_stopped(
    server: _Server, listener: socket.socket, background: list[Coroutine[Any, Any, None]], stop: asyncio.Event
) -> None:
    async def stopper() -> None:
        await stop.wait()
        server.should_exit = True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in background]
        tasks.append(group.create_task(stopper()))
        log.info("web_listening", address=listener.getsockname()[0], port=listener.getsockname()[1])
        await server.serve([listener])
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    sys.exit(main())
