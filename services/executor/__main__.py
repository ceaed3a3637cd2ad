"""Composes the executor: four processors in one process, the flow table that they read, one membership."""

from __future__ import annotations

import asyncio
import os
import sys

from contracts.codec import Codec
from contracts.execution import (
    AdmittedMessage,
    AttemptReport,
    CommandInParts,
    EarlierCommand,
    StartExecution,
)
from contracts.lease import LeaseNews
from contracts.limit import LimitCommand
from contracts.namespace import NamespaceCommand
from contracts.public_start import not_public
from contracts.registry import RegistryCommand
from contracts.work import DispatchCommand, WorkerEvent
from services.executor.adapters.projection_lag import ProjectionLag
from services.executor.adapters.reading_ahead import ReadingAhead
from services.executor.dispatch.machine import DispatchMachine
from services.executor.executions.audience import Audience, FlowTriggers
from services.executor.executions.machine import ExecutionMachine
from services.executor.executions.values import SHORT_FORMS
from services.executor.limits.machine import LimitMachine
from services.executor.metrics import show
from services.executor.registry.machine import RegistryMachine
from services.executor.settings import ExecutorSettings
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.discovery import plugin_folders
from toccata.runtime.argument import take_no_arguments
from toccata.runtime.flow_table import FlowTable
from toccata.runtime.health import Health, HealthServer
from toccata.runtime.kafka import Producer
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


def specs(  # noqa: PLR0913 - what the four processors need
    settings: ExecutorSettings,
    flows: FlowTable,
    lag: ProjectionLag,
    sources: ReadingAhead,
    catalog: PluginCatalog,
    write_version: int = SHORT_FORMS,
    audience: Audience | None = None,
) -> list[ProcessorSpec]:
    """The processors that this service hosts."""

    def may_start(start: StartExecution) -> bool:
        """Return whether the start is admitted, and its flow is known as the writer knew it."""
        return (
            lag.within_limit
            and flows.has_read(start.flows_position, start.execution_id)
            and flows.compiled(start.namespace, start.flow_id, start.revision)
        )

    def may_decide(message: AdmittedMessage) -> bool:
        begun = message.start if isinstance(message, CommandInParts) else message
        return not isinstance(begun, StartExecution) or may_start(begun)

    def is_light(task_type: str) -> bool:
        """Return False for types that are not installed here, because only their workers know."""
        entry = catalog.find(task_type)
        return entry is not None and entry.kind == "runnable" and not entry.heavy

    def execution_machine(number: int) -> ExecutionMachine:
        return ExecutionMachine(
            flows,
            window_ms=int(settings.executor_window_hours * 3_600_000),
            group=settings.executor_worker_group,
            envs=environment(os.environ),
            in_place=settings.executor_in_place,
            borrower=number if settings.executor_leases else None,
            is_light=is_light,
            write_version=write_version,
            audience=audience,
        )

    return [
        ProcessorSpec(
            "executions",
            [
                Source("executions.commands", Codec(EarlierCommand), key=_execution_id, urgency=3),
                Source(
                    "executions.starts",
                    Codec(StartExecution),
                    may_start,
                    key=_execution_id,
                    refuse=not_public,
                    logged=True,
                ),
                # What is said by whoever may publish, above, waits for what our services say, and for what ends work.
                # The journal names sources by their place in this list, so a new one stands at the end.
                Source(
                    "executions.admitted",
                    Codec(AdmittedMessage),
                    may_decide,
                    key=_execution_id,
                    urgency=1,
                    logged=True,
                ),
                Source(
                    "executions.reports",
                    Codec(AttemptReport | LeaseNews),
                    key=_execution_of_report,
                    urgency=2,
                ),
            ],
            execution_machine,
        ),
        ProcessorSpec(
            "dispatch",
            [
                Source("workers.events", Codec(WorkerEvent)),
                Source("dispatch.commands", Codec(DispatchCommand)),
            ],
            lambda _: DispatchMachine(),
        ),
        ProcessorSpec("limits", [Source("limits.commands", Codec(LimitCommand))], lambda _: LimitMachine()),
        ProcessorSpec(
            "registry",
            [
                Source("registry.commands", Codec(RegistryCommand), sources.ready),
                Source("namespaces.commands", Codec(NamespaceCommand)),
            ],
            lambda _: RegistryMachine(sources.facts),
        ),
    ]


def _execution_id(message: EarlierCommand | AdmittedMessage) -> str:
    return message.execution_id


def _execution_of_report(message: AttemptReport | LeaseNews) -> str | None:
    """Dispatch says to a partition, not to an execution, what becomes of its leases."""
    return None if isinstance(message, LeaseNews) else message.execution_id


def environment(variables: os._Environ[str]) -> dict[str, str]:
    """Return ``envs.*`` of expressions: variables with prefix ``ENV_`` or ``KESTRA_``, named in lower case without it."""
    found: dict[str, str] = {}
    for prefix in ("KESTRA_", "ENV_"):
        found |= {n[len(prefix) :].lower(): v for n, v in variables.items() if n.startswith(prefix)}
    return found


async def serve(settings: ExecutorSettings, kafka: KafkaSettings, stop: asyncio.Event) -> None:
    name = instance_name(settings, "executor")
    page = MetricsPage("executor")
    metrics = ProcessorMetrics(page)
    flows = FlowTable(kafka, name)
    lag = ProjectionLag(kafka, name, settings.executor_max_projection_lag)
    outbox = Producer(kafka, f"{name}-outbox", compression="lz4")
    processor_log = KafkaLog(kafka, name)
    ports, processing = Ports(processor_log, outbox), ProcessorSettings()
    hosts: dict[str, ProcessorHost] = {}

    def sources_read() -> None:
        hosts["registry"].nudge()

    sources = ReadingAhead(sources_read)
    catalog = PluginCatalog.load(plugin_folders(settings.plugin_path))
    audience = FlowTriggers(flows.get)
    flows.on_change(audience.changed)
    for spec in specs(settings, flows, lag, sources, catalog, processing.write_version, audience):
        hosts[spec.name] = ProcessorHost(spec, ports, metrics, processing)
    checks = {processor: lambda host=host: host.ready for processor, host in hosts.items()}
    show(page, hosts, lag)
    probed = Health(checks, {"kafka": KafkaProbe(kafka, name)})
    health = HealthServer(settings.health_host, settings.health_port, probed, page)
    await health.start()
    flows.on_change(lambda _: hosts["executions"].nudge())
    flows.compile_new()
    flows.on_compiled(hosts["executions"].nudge)
    membership = Membership(
        kafka,
        hosts,
        name,
        lambda processor, owned: hosts[processor].assign(owned),
        static=bool(settings.instance),
    )
    async with asyncio.TaskGroup() as group:
        background = [group.create_task(flows.run()), group.create_task(lag.run())]
        running = [group.create_task(host.run()) for host in hosts.values()]
        await flows.wait_ready()
        membership.start()
        await stop.wait()
        await membership.stop()
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        for host in hosts.values():
            await host.stop()
        for task in background:
            task.cancel()
    await outbox.stop()
    await processor_log.stop()
    await flows.stop()
    await lag.stop()
    await sources.stop()
    await health.stop()


def main() -> int:
    take_no_arguments("python -m services.executor", "Decides what every execution does next.")
    settings = ExecutorSettings()
    kafka = KafkaSettings()
    return run_service("executor", settings, lambda stop: serve(settings, kafka, stop))


if __name__ == "__main__":
    sys.exit(main())
