"""Composes the worker: settings, adapters, the remains of dead workers, then the shell."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from random import SystemRandom

from contracts.codec import encode
from contracts.topics import INBOX_PARTITIONS
from contracts.work import WorkerDraining
from services.worker.adapters.inbox import KafkaInbox
from services.worker.adapters.outbox import KafkaOutbox
from services.worker.adapters.spool import FileSpool
from services.worker.adapters.workspace import FOLDER_VARIABLE, Workspace, claimed
from services.worker.core.admission import Admission
from services.worker.directories import Directories
from services.worker.functions import Stores
from services.worker.metrics import WorkerMetrics
from services.worker.run_context import WorkerContext
from services.worker.settings import WorkerSettings
from services.worker.shell import Identity, Ports, Worker
from toccata.kit.container import ContainerRules, socket_of
from toccata.plugins.families.scripts.run.docker.container import Found
from toccata.plugins.families.scripts.run.docker.orphan import left_by, remove_left
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.discovery import plugin_folders
from toccata.runtime.argument import take_no_arguments
from toccata.runtime.clock import now_ms
from toccata.runtime.encryption import EncryptionSettings
from toccata.runtime.fetch import Reader
from toccata.runtime.flow_secrets import EnvironmentSecrets
from toccata.runtime.health import Health, HealthServer
from toccata.runtime.isolation.choice import Isolation, choose
from toccata.runtime.isolation.environment import allowed
from toccata.runtime.isolation.place import Place, hidden_paths, open_to_others
from toccata.runtime.kafka import Producer
from toccata.runtime.kafka_probe import KafkaProbe
from toccata.runtime.log import get_logger
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.namespace.files import FileStore
from toccata.runtime.namespace.kafka_registry import KafkaRegistry
from toccata.runtime.namespace.values import ValueStore
from toccata.runtime.past import KafkaPast
from toccata.runtime.reply_tail import ReplyTail
from toccata.runtime.run import instance_name, run_service
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.storage import InternalStorage
from toccata.runtime.variables import secret_files, variables

GRACE_MARGIN_SECONDS = 2.0
"""The part of the drain deadline that is kept for reporting."""
CLAIM_SECONDS = 300.0
"""How long the container of a dead worker may run on before the next attempt takes it over."""


async def serve(settings: WorkerSettings, kafka: KafkaSettings, stop: asyncio.Event) -> None:
    me = Identity(
        instance_name(settings, "worker"),
        settings.worker_group,
        settings.worker_slots,
        settings.worker_light_slots,
    )
    workspace = await claimed(settings.home, me.worker_id, me.group)
    producer, reader = Producer(kafka, me.worker_id), Reader(kafka, me.worker_id)
    outbox = KafkaOutbox(producer)
    inbox = KafkaInbox(reader, me.worker_id)
    page = MetricsPage("worker")
    page.lag(reader.lag)
    metrics = WorkerMetrics(page, me.group)
    live: list[Worker] = []
    checks = {"inbox": lambda: bool(live) and live[0].ready, "outbox": lambda: not outbox.failing}
    probed = Health(checks, {"kafka": KafkaProbe(kafka, me.worker_id)})
    health = HealthServer(settings.health_host, settings.health_port, probed, page)
    port = await health.start()
    rules = settings.container_rules
    left = [found for folder in workspace.dead_folders for found in await left_by(rules, folder)]
    await inherit(workspace, outbox, me)
    reaping = asyncio.create_task(reap(rules, left)) if left else None
    spool = FileSpool(workspace.spool_path)
    isolation = await asyncio.to_thread(isolated, settings)
    storage = InternalStorage(settings.storage_location)
    replies = ReplyTail(kafka, me.worker_id, SystemRandom().randrange(INBOX_PARTITIONS))
    registry = KafkaRegistry(kafka, me.worker_id, producer, replies, runs_replies=True)
    tasks = catalog(settings)
    shared = WorkerContext(
        Stores(
            ValueStore(registry, storage),
            FileStore(registry, storage),
            storage,
            KafkaPast(producer, replies, registry.open),
            settings.granted_namespaces,
            settings.reach,
        ),
        EnvironmentSecrets(variables()),
        outbox,
        Directories(isolation.mechanism.scratch(workspace.scratch)),
        {FOLDER_VARIABLE: str(workspace.folder)},
        isolation,
        allowed(variables(), settings.worker_script_environment),
        settings.web_public_url,
        settings.local_paths,
        rules,
        EncryptionSettings().cipher(),
        tasks.task,
    )
    ports = Ports(inbox, outbox, spool, tasks)
    worker = Worker(me, ports, shared, Admission(settings.worker_processes), metrics)
    live.append(worker)
    get_logger().info(
        "worker_started",
        worker=me.worker_id,
        group=me.group,
        inbox=inbox.partition,
        health_port=port,
        isolation=isolation.mechanism.name,
    )
    await worker.serve(stop, max(0.0, settings.drain_seconds - GRACE_MARGIN_SECONDS))
    if reaping is not None:
        reaping.cancel()
    await health.stop()
    spool.close()
    workspace.leave()
    await registry.close()
    await inbox.close()
    await producer.stop()


async def inherit(workspace: Workspace, outbox: KafkaOutbox, me: Identity) -> None:
    """Report the outcomes of dead workers before this one announces itself. Otherwise dispatch calls those attempts lost."""
    legacies = await asyncio.to_thread(workspace.inherit)
    for legacy in legacies:
        for to, ended in legacy.outcomes:
            outbox.post(to.topic, to.key, ended)
    await outbox.drained()
    for legacy in legacies:
        if legacy.worker_id != me.worker_id:
            gone = WorkerDraining(group=legacy.group, worker_id=legacy.worker_id, at=now_ms(), gone=True)
            outbox.post("workers.events", legacy.group, encode(gone))
    await outbox.drained()
    workspace.settle()


async def reap(rules: ContainerRules, left: Sequence[Found]) -> None:
    """Remove containers that dead workers left. Those that another attempt may take over get the time to be taken over."""
    for pause, also_resumable in ((0.0, False), (CLAIM_SECONDS, True)):
        await asyncio.sleep(pause)
        count = await remove_left(rules, left, also_resumable=also_resumable)
        if count:
            get_logger().info("containers_removed", containers=count)


def isolated(settings: WorkerSettings) -> Isolation:
    """Choose once, and say what scripts can see."""
    files = secret_files(variables()).values()
    hidden = hidden_paths(settings.home, settings.storage_location, files, settings.worker_hidden_paths)
    socket = socket_of(settings.container_rules.host)
    if socket is not None and not any(path in socket.resolve().parents for path in hidden):
        # Who can use it can do everything on this machine. An engine may start after the worker, so it counts before it is there.
        hidden = (*hidden, socket.resolve())
    place = Place(
        hidden,
        settings.worker_script_network,
        settings.worker_script_umask,
        settings.worker_script_memory_mb,
    )
    chosen = choose(settings.worker_isolation, place)
    weak = chosen.mechanism.name == "none"
    (get_logger().warning if weak else get_logger().info)(
        "scripts_not_isolated" if weak else "scripts_isolated",
        mechanism=chosen.mechanism.name,
        means=chosen.mechanism.isolates,
        network=place.network,
        hidden=[str(path) for path in hidden],
        refused=dict(chosen.refusals),
    )
    exposed = open_to_others(place.now().hidden) if chosen.mechanism.name == "account" else []
    if exposed:
        get_logger().warning(
            "secrets_open_to_scripts",
            paths=[str(path) for path in exposed],
            advice="Scripts run as other users, and every user can read these: take the rights of others away (chmod o=).",
        )
    return chosen


def catalog(settings: WorkerSettings) -> PluginCatalog:
    found = PluginCatalog.load(plugin_folders(settings.plugin_path))
    for broken in found.broken:
        get_logger().error(
            "plugin_not_loaded", plugin=broken.name, origin=broken.origin, reason=broken.reason
        )
    return found


def main() -> int:
    take_no_arguments("python -m services.worker", "Runs tasks.")
    settings = WorkerSettings()
    kafka = KafkaSettings()
    return run_service("worker", settings, lambda stop: serve(settings, kafka, stop))


if __name__ == "__main__":
    sys.exit(main())
