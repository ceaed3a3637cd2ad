"""Worker groups as independent snapshot items, and back. Items are JSON arrays: add new fields at the end, with a
default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.address import ReplyTo
from contracts.scalars import Millis, attempt_id
from services.executor.dispatch.state import Attempt, DispatchState, Group, Lease, Worker

_CLOSED_PER_ITEM = 2_000


class _Item(msgspec.Struct, frozen=True, array_like=True):
    group: str


class WorkerItem(_Item, frozen=True, array_like=True, tag="worker"):
    """In the order in which workers get attempts. Workers come before the attempts that they run."""

    worker_id: str
    inbox: int
    slots: int
    heard_at: Millis
    draining: bool
    spared: bool
    strangers: list[str]
    spared_at: Millis = 0
    asked_at: Millis = 0
    light_slots: int = 0
    session: str = ""


class LeaseItem(_Item, frozen=True, array_like=True, tag="lease"):
    """After its worker, in the order of their numbers."""

    worker_id: str
    lease: int
    partition: int
    slots: int
    ended: bool


class LeasesItem(_Item, frozen=True, array_like=True, tag="leases"):
    """How many leases the group has had."""

    number: int


class AttemptItem(_Item, frozen=True, array_like=True, tag="attempt"):
    """Queued attempts, in the order of their queue."""

    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    priority: int
    run: msgspec.Raw
    worker_id: str | None
    assigned_at: Millis
    stopping: bool
    number: int = 0
    reply_to: ReplyTo | None = None
    wait: bool = True
    pinned_to: str = ""


class SentItem(_Item, frozen=True, array_like=True, tag="sent"):
    number: int


class ClosedItem(_Item, frozen=True, array_like=True, tag="closed"):
    attempts: list[tuple[str, str]]


Item: TypeAlias = WorkerItem | LeaseItem | LeasesItem | AttemptItem | SentItem | ClosedItem
_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)


def dump(state: DispatchState) -> Iterator[bytes]:
    for name, group in state.groups.items():
        yield from _dump_group(name, group)


def _dump_group(name: str, group: Group) -> Iterator[bytes]:
    ordered = [*group.free, *(worker_id for worker_id in group.workers if worker_id not in group.free)]
    for worker_id in ordered:
        worker = group.workers[worker_id]
        strangers = [key for key in worker.running if key not in group.attempts]
        yield _encode(
            WorkerItem(
                name,
                worker_id,
                worker.inbox,
                worker.slots,
                worker.heard_at,
                worker.draining,
                worker.spared,
                strangers,
                worker.spared_at,
                worker.asked_at,
                worker.light_slots,
                worker.session,
            )
        )
        for number, lease in worker.leases.items():
            yield _encode(LeaseItem(name, worker_id, number, lease.partition, lease.slots, lease.ended))
    handed_out = [key for key, attempt in group.attempts.items() if attempt.worker_id is not None]
    pinned = [key for queue in group.pinned.values() for key in queue.keys()]  # noqa: SIM118 - not a mapping
    for key in [*handed_out, *group.queue.keys(), *pinned]:
        attempt = group.attempts[key]
        yield _encode(
            AttemptItem(
                name,
                attempt.execution_id,
                attempt.task_run_id,
                attempt.attempt,
                attempt.fair_key,
                attempt.priority,
                attempt.run,
                attempt.worker_id,
                attempt.assigned_at,
                attempt.stopping,
                attempt.number,
                attempt.reply_to,
                attempt.wait,
                attempt.pinned_to,
            )
        )
    if group.sent:
        yield _encode(SentItem(name, group.sent))
    if group.leases:
        yield _encode(LeasesItem(name, group.leases))
    closed = [(key, group.closed[key]) for key in group.closed_order]
    for start in range(0, len(closed), _CLOSED_PER_ITEM):
        yield _encode(ClosedItem(name, closed[start : start + _CLOSED_PER_ITEM]))


def load(state: DispatchState, items: Iterable[bytes]) -> None:
    """Load items into an empty state."""
    for raw in items:
        item = _decoder.decode(raw)
        group = state.groups.setdefault(item.group, Group())
        match item:
            case WorkerItem():
                _load_worker(group, item)
            case LeaseItem():
                lease = Lease(item.partition, item.slots, item.ended)
                group.workers[item.worker_id].leases[item.lease] = lease
            case LeasesItem():
                group.leases = item.number
            case AttemptItem():
                _load_attempt(group, item)
            case SentItem():
                group.sent = item.number
            case ClosedItem():
                for key, execution_id in item.attempts:
                    group.close(key, execution_id)


def _load_worker(group: Group, item: WorkerItem) -> None:
    worker = Worker(
        item.inbox,
        item.slots,
        item.heard_at,
        dict.fromkeys(item.strangers),
        item.draining,
        item.spared,
        item.spared_at,
        item.asked_at,
        item.light_slots,
        item.session,
    )
    group.workers[item.worker_id] = worker
    if worker.free:
        group.free[item.worker_id] = None


def _load_attempt(group: Group, item: AttemptItem) -> None:
    key = attempt_id(item.task_run_id, item.attempt)
    attempt = Attempt(
        item.execution_id,
        item.task_run_id,
        item.attempt,
        item.fair_key,
        item.priority,
        item.run,
        item.worker_id,
        item.assigned_at,
        item.stopping,
        item.number,
        item.reply_to,
        item.wait,
        item.pinned_to,
    )
    group.attempts[key] = attempt
    if item.worker_id is None:
        group.wait_in_queue(key, attempt)
    else:
        group.hand_out(key, attempt, item.worker_id)
