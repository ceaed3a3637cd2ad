"""Folds the announcements and heartbeats of workers into rows. Pure.

Their topic keeps an hour. A worker known only by heartbeats has a row without slots until it announces itself again.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts.work import WorkerAnnounced, WorkerDraining, WorkerReported
from services.indexer.core.change import Changes, Known
from services.indexer.core.rows import WorkerRow, json_text

WorkerSaid: TypeAlias = WorkerAnnounced | WorkerReported | WorkerDraining


def is_heartbeat(message: WorkerSaid) -> bool:
    """Return whether the message tells about the worker itself. Most reports only tell about ended attempts."""
    return not isinstance(message, WorkerReported) or message.running is not None


def fold_worker(known: Known, changes: Changes, message: WorkerSaid, position: int) -> None:
    key = (message.group, message.worker_id)
    before = changes.workers.get(key) or known.workers.get(key)
    if before is not None and position <= before.position:
        return
    row = WorkerRow(message.worker_id, position, message.group, heartbeat_at=message.at)
    if before is not None:
        row.inbox, row.slots, row.labels, row.state = before.inbox, before.slots, before.labels, before.state
        row.running, row.announced_at = before.running, before.announced_at
    match message:
        case WorkerAnnounced():
            row.inbox, row.slots, row.labels = message.inbox, message.slots, json_text(message.labels)
            row.running, row.announced_at, row.state = len(message.running), message.at, "RUNNING"
        case WorkerReported():
            row.running = len(message.running or ())
        case WorkerDraining():
            row.state = "GONE" if message.gone else "DRAINING"
            if message.gone:
                row.running = 0
    changes.workers[key] = row
