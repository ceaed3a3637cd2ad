"""Creates all parts of web, connects them, and runs the background tasks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from contracts.scalars import base62
from contracts.topics import EXECUTION_PARTITIONS, INBOX_PARTITIONS
from services.web.adapters.access_topic import AccessTopic
from services.web.adapters.broker_time import BrokerTime
from services.web.adapters.event_tail import EventTail
from services.web.adapters.log import KafkaLog
from services.web.adapters.log_tail import LogTail
from services.web.adapters.postgres import PostgresRows
from services.web.adapters.projection import ProjectionWaiter
from services.web.adapters.request_tail import RequestTail
from services.web.adapters.secret import Secrets
from services.web.core.access.state import Identity
from services.web.http.parts import Parts
from services.web.metrics import AccessMetrics, OpenExecutions
from services.web.settings import WebSettings
from services.web.shell.access import Access
from services.web.shell.action import Actions
from services.web.shell.deletion import Deletions
from services.web.shell.executions import Executions
from services.web.shell.files import Files
from services.web.shell.flow_write import FlowWrites
from services.web.shell.logs import Logs
from services.web.shell.namespace_files import NamespaceFiles
from services.web.shell.opening import Opening
from services.web.shell.projection_lag import ProjectionLag
from services.web.shell.requests import Requests
from services.web.shell.start import Starts
from services.web.shell.triggers import Triggers
from services.web.shell.values import Values
from toccata.editor.language import Language, Names
from toccata.plugins.host.catalog import PluginCatalog
from toccata.runtime.encryption import Cipher
from toccata.runtime.flow_table import FlowTable
from toccata.runtime.health import Health, Probe
from toccata.runtime.kafka import Producer
from toccata.runtime.kafka_probe import KafkaProbe
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.namespace.files import FileStore
from toccata.runtime.namespace.kafka_registry import KafkaRegistry
from toccata.runtime.namespace.values import ValueStore
from toccata.runtime.postgres import Pool, PostgresProbe, PostgresSettings
from toccata.runtime.reply_tail import ReplyTail
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.storage import InternalStorage

_APPEND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """This replica, and the servers that it uses."""

    name: str
    """The name of this replica."""
    kafka: KafkaSettings
    database: PostgresSettings
    storage: str
    """Internal storage: a folder or a URL."""
    environment: Mapping[str, str]
    """For secrets of webhooks, as ``SECRET_NAME``."""
    secrets: Path
    """The folder with secrets of webhooks. It need not exist."""
    cipher: Cipher | None = None
    """Of secret inputs. None: encryption is not configured."""


@asynccontextmanager
async def composed(
    deployment: Deployment, settings: WebSettings, identity: Identity, public_url: str
) -> AsyncIterator[Parts]:
    """Does not wait for servers. While Kafka or PostgreSQL is away, requests that need it get a 503."""
    name, kafka = deployment.name, deployment.kafka
    async with AsyncExitStack() as stack:
        producer = Producer(kafka, name, deadline_seconds=_APPEND_SECONDS)
        stack.push_async_callback(producer.stop)
        pool = Pool(deployment.database, name, most=settings.database_connections)
        await pool.open()
        stack.push_async_callback(pool.close)
        projection = ProjectionWaiter(deployment.database)
        await projection.start()
        stack.push_async_callback(projection.stop)
        log, rows, table, lines = (
            KafkaLog(producer),
            PostgresRows(pool),
            FlowTable(kafka, name),
            LogTail(kafka, name),
        )
        table.compile_new()
        stack.push_async_callback(lines.stop)
        events = EventTail(kafka, name)
        replies = ReplyTail(kafka, name, random.SystemRandom().randrange(INBOX_PARTITIONS))

        storage = InternalStorage(deployment.storage)
        registry = KafkaRegistry(kafka, name, producer, replies, runs_replies=False)
        stack.push_async_callback(registry.close)
        records = AccessTopic(kafka, name, producer)
        time = BrokerTime(producer, replies.partition)

        def drain() -> None:
            events.close()
            lines.close()

        probes: dict[str, Probe] = {
            "kafka": KafkaProbe(kafka, name),
            "postgres": PostgresProbe(deployment.database, f"{name}-probe"),
        }
        health = Health(
            {
                "kafka": lambda: (
                    events.tail.connected and replies.tail.connected and records.connected and time.ready
                ),
                "flows": lambda: table.ready,
            },
            probes,
        )
        stack.push_async_callback(health.stop)
        page = MetricsPage("web")
        OpenExecutions(page, rows)
        page.lag(
            lambda: {
                **events.tail.lag(),
                **replies.tail.lag(),
                **records.lag(),
                **asked.tail.lag(),
                **registry.lag(),
            }
        )
        lag = ProjectionLag(events, rows, EXECUTION_PARTITIONS, settings.max_projection_lag)
        executions = Executions(events, rows, projection)
        actions, files = Actions(log, events, executions), Files(storage, executions)
        access = Access(
            identity,
            records,
            settings.lifetimes,
            AccessMetrics(page),
            Opening((time, records), settings.opening_seconds),
        )
        stack.callback(access.close)
        deletions = Deletions(log, rows, executions, actions, files)
        requests = Requests(log, rows, projection, storage, deletions)
        asked = RequestTail(kafka, name, log, requests.answer)
        requests.end_of_logs = asked.end_of_logs
        catalog = PluginCatalog.load(settings.plugin_folders)
        secrets = Secrets(deployment.secrets, deployment.environment)
        parts = Parts(
            settings=settings,
            access=access,
            public_url=public_url,
            instance_id=base62(uuid4().int),
            executions=executions,
            starts=Starts(log, events, executions, lag),
            actions=actions,
            deletions=deletions,
            flows=FlowWrites(log, replies, table, projection),
            triggers=Triggers(log, replies, rows, table),
            logs=Logs(lines, rows, projection),
            values=Values(ValueStore(registry, storage)),
            files=files,
            namespace_files=NamespaceFiles(FileStore(registry, storage), storage),
            rows=rows,
            table=table,
            catalog=catalog,
            language=Language(catalog, partial(_names, table)),
            opening=Opening((time, table, events.tail, replies.tail), settings.opening_seconds),
            page=page,
            health=health,
            drain=drain,
            ports=secrets.ports(),
            secret_names=secrets.names,
            encrypt=deployment.cipher.encrypt if deployment.cipher is not None else None,
        )
        async with asyncio.TaskGroup() as group:
            works = (
                time.run(),
                table.run(),
                events.tail.run(),
                replies.tail.run(),
                records.run(),
                asked.run(),
                access.run(),
                lag.run(),
            )
            running = [group.create_task(work) for work in works]
            try:
                yield parts
            finally:
                for task in running:
                    task.cancel()


def _names(table: FlowTable) -> Names:
    found: dict[str, list[str]] = {}
    for state in table.latest():
        found.setdefault(state.namespace, []).append(state.flow_id)
    return found
