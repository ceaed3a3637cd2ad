"""Composes trigger-listener: processor ``triggers`` and the event listener, on one membership."""

from __future__ import annotations

import asyncio
import sys

from contracts.codec import Codec
from contracts.execution import AttemptReport
from contracts.topics import TOPICS
from contracts.trigger import TriggerCommand
from services.trigger_listener.adapters.kafka import KafkaEvents, KafkaOutlet, TailedFlows
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.polling import PollSettings
from services.trigger_listener.metrics import ListenerMetrics
from services.trigger_listener.settings import TriggerListenerSettings
from services.trigger_listener.shell import EventListener
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.discovery import plugin_folders
from toccata.runtime.argument import take_no_arguments
from toccata.runtime.errors import Transient
from toccata.runtime.flow_table import FlowTable
from toccata.runtime.health import Health, HealthServer
from toccata.runtime.kafka import Producer, partition_of
from toccata.runtime.kafka_probe import KafkaProbe
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import ProcessorHost
from toccata.runtime.processor.input import Source
from toccata.runtime.processor.kafka_log import KafkaLog
from toccata.runtime.processor.membership import Membership
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.run import instance_name, run_service
from toccata.runtime.settings import KafkaSettings, ProcessorSettings

PROCESSOR = "triggers"


def spec(settings: TriggerListenerSettings, catalog: PluginCatalog) -> ProcessorSpec:
    """The processor that this service hosts."""

    def started_by(trigger_type: str) -> str:
        entry = catalog.find(trigger_type)
        return "" if entry is None else entry.started_by or ""

    polls = PollSettings(
        lambda trigger_type: started_by(trigger_type) in ("poll", "subscribe"),
        settings.trigger_listener_worker_group,
        round(settings.trigger_listener_poll_seconds * 1000),
        lambda trigger_type: started_by(trigger_type) == "subscribe",
    )
    # The journal names sources by their place in this list, so a new one stands at the end.
    sources = [
        Source("triggers.commands", Codec(TriggerCommand)),
        Source("triggers.reports", Codec(AttemptReport)),
    ]
    return ProcessorSpec(
        PROCESSOR,
        sources,
        lambda _: TriggerMachine(
            settings.trigger_listener_timezone, polls, settings.trigger_listener_flow_depth
        ),
    )


def disabled_in(host: ProcessorHost, owned: frozenset[int], key: str) -> bool:
    """Return whether the API disabled the trigger. Only the replica that owns the trigger's state knows."""
    number = partition_of(key.encode(), TOPICS["triggers.commands"].partitions)
    partition = host.partitions().get(number)
    if partition is None and number in owned:
        raise Transient(f"triggers/{number} is not recovered yet")
    if partition is None or not isinstance(partition.machine, TriggerMachine):
        return False
    trigger = partition.machine.state.by_key.get(key)
    return trigger is not None and trigger.user_disabled


async def serve(settings: TriggerListenerSettings, kafka: KafkaSettings, stop: asyncio.Event) -> None:
    name = instance_name(settings, "trigger-listener")
    page = MetricsPage("trigger-listener")
    metrics = ProcessorMetrics(page)
    outbox = Producer(kafka, f"{name}-outbox", compression="lz4")
    processor_log = KafkaLog(kafka, name)
    catalog = PluginCatalog.load(plugin_folders(settings.plugin_path))
    host = ProcessorHost(spec(settings, catalog), Ports(processor_log, outbox), metrics, ProcessorSettings())
    table = FlowTable(kafka, name)
    events, flows = KafkaEvents(kafka, name), TailedFlows(kafka, name, table)
    listener = EventListener(
        events,
        KafkaOutlet(outbox),
        flows,
        ListenerMetrics(page),
        lambda key: disabled_in(host, listener.owned, key),
    )
    table.on_change(listener.flow_changed)
    page.lag(events.lag)
    checks = {
        PROCESSOR: lambda: host.ready,
        "flows": lambda: table.ready,
        "events": lambda: listener.ready,
    }
    probed = Health(checks, {"kafka": KafkaProbe(kafka, name)})
    health = HealthServer(settings.health_host, settings.health_port, probed, page)
    await health.start()

    def assigned(_: str, owned: frozenset[int] | None) -> None:
        host.assign(owned)
        listener.assign(owned or frozenset())

    membership = Membership(kafka, [PROCESSOR], name, assigned, static=bool(settings.instance))
    async with asyncio.TaskGroup() as group:
        tailing = group.create_task(table.run())
        deciding = group.create_task(host.run())
        membership.start()
        # Schedules do not wait for the flows, but events must.
        listening = group.create_task(_listen(table, listener))
        await stop.wait()
        await membership.stop()
        for task in (listening, deciding):
            task.cancel()
        await asyncio.wait([listening, deciding])
        await listener.stop()
        await host.stop()
        tailing.cancel()
    for closing in (outbox, processor_log, events, flows, table, health):
        await closing.stop()


async def _listen(table: FlowTable, listener: EventListener) -> None:
    await table.wait_ready()
    await listener.run()


def main() -> int:
    take_no_arguments("python -m services.trigger_listener", "Starts executions by schedules and by events.")
    settings = TriggerListenerSettings()
    kafka = KafkaSettings()
    return run_service("trigger-listener", settings, lambda stop: serve(settings, kafka, stop))


if __name__ == "__main__":
    sys.exit(main())
