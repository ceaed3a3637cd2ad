"""The metrics of the executor's queues, read from the machines' states for each request of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from services.executor.adapters.projection_lag import ProjectionLag
from services.executor.dispatch.machine import DispatchMachine
from services.executor.dispatch.state import Group
from services.executor.executions.lease import Lease
from services.executor.executions.machine import ExecutionMachine
from services.executor.limits.machine import LimitMachine
from services.executor.limits.state import Limit
from toccata.runtime.metrics import Metric, MetricsPage, Values
from toccata.runtime.processor.host import ProcessorHost

M = TypeVar("M")

DISPATCH_QUEUE = Metric("toccata_dispatch_queue", "gauge", "attempts that wait for a worker", ("group",))
DISPATCH_RUNNING = Metric("toccata_dispatch_running", "gauge", "attempts that a worker has", ("group",))
DISPATCH_WORKERS = Metric("toccata_dispatch_workers", "gauge", "workers that take attempts", ("group",))
DISPATCH_SLOTS = Metric(
    "toccata_dispatch_slots", "gauge", "attempts that these workers take at once", ("group",)
)
LEASED_PLACES = Metric(
    "toccata_leased_places",
    "gauge",
    "places for light attempts that this replica's partitions have at workers",
    ("group",),
)
LEASED_ATTEMPTS = Metric(
    "toccata_leased_attempts", "gauge", "attempts in these places, without dispatch", ("group",)
)
LIMIT_QUEUE = Metric(
    "toccata_limit_queue",
    "gauge",
    "executions that wait for a slot of a concurrency limit; the label is the limit's key",
    ("limit",),
)
LIMIT_HOLDERS = Metric(
    "toccata_limit_holders", "gauge", "executions that hold a slot of a concurrency limit", ("limit",)
)
OPEN = Metric("toccata_executions_open", "gauge", "executions that this replica holds: not ended, or ending")
PROJECTION_LAG = Metric(
    "toccata_projection_lag_records", "gauge", "events of executions that the indexer has not projected yet"
)
ADMISSION = Metric(
    "toccata_admission_open", "gauge", "1: executions are started; 0: the projection is too far behind"
)
METRICS = (
    DISPATCH_QUEUE,
    DISPATCH_RUNNING,
    DISPATCH_WORKERS,
    DISPATCH_SLOTS,
    LEASED_PLACES,
    LEASED_ATTEMPTS,
    LIMIT_QUEUE,
    LIMIT_HOLDERS,
    OPEN,
    PROJECTION_LAG,
    ADMISSION,
)


def show(page: MetricsPage, hosts: Mapping[str, ProcessorHost], lag: ProjectionLag) -> None:
    """Show all of them on the page of this process."""
    page.read(DISPATCH_QUEUE, lambda: _by_group(hosts, lambda group: len(group.queue)))
    page.read(DISPATCH_RUNNING, lambda: _by_group(hosts, _running))
    page.read(DISPATCH_WORKERS, lambda: _by_group(hosts, lambda group: len(_taking(group))))
    page.read(DISPATCH_SLOTS, lambda: _by_group(hosts, lambda group: sum(_taking(group))))
    page.read(LEASED_PLACES, lambda: _by_lease(hosts, lambda lease: 0 if lease.revoked else lease.slots))
    page.read(LEASED_ATTEMPTS, lambda: _by_lease(hosts, lambda lease: len(lease.attempts)))
    page.read(LIMIT_QUEUE, lambda: _by_limit(hosts, lambda limit: len(limit.queue)))
    page.read(LIMIT_HOLDERS, lambda: _by_limit(hosts, lambda limit: len(limit.holders)))
    page.read(
        OPEN, lambda: [((), sum(each.open for each in _machines(hosts["executions"], ExecutionMachine)))]
    )
    page.read(PROJECTION_LAG, lambda: [((), lag.lag)])
    page.read(ADMISSION, lambda: [((), lag.within_limit)])


def _machines(host: ProcessorHost, kind: type[M]) -> Iterator[M]:
    for partition in host.partitions().values():
        if isinstance(partition.machine, kind):
            yield partition.machine


def _by_group(hosts: Mapping[str, ProcessorHost], count: Callable[[Group], int]) -> Values:
    counts: Counter[str] = Counter()
    for machine in _machines(hosts["dispatch"], DispatchMachine):
        for name, group in machine.state.groups.items():
            counts[name] += count(group)
    return [((name,), number) for name, number in counts.items()]


def _by_lease(hosts: Mapping[str, ProcessorHost], count: Callable[[Lease], int]) -> Values:
    counts: Counter[str] = Counter()
    for machine in _machines(hosts["executions"], ExecutionMachine):
        for lease in machine.state.leases.all():
            counts[lease.group] += count(lease)
    return [((name,), number) for name, number in counts.items()]


def _running(group: Group) -> int:
    return sum(len(worker.running) for worker in group.workers.values())


def _taking(group: Group) -> list[int]:
    """Return the slots of each worker that accepts attempts."""
    return [worker.slots for worker in group.workers.values() if not worker.draining]


def _by_limit(hosts: Mapping[str, ProcessorHost], count: Callable[[Limit], int]) -> Values:
    """Return only limits with a holder or a waiter, because most limits are idle."""
    return [
        ((key,), number)
        for machine in _machines(hosts["limits"], LimitMachine)
        for key, limit in machine.state.by_key.items()
        if (number := count(limit))
    ]
