"""One worker group: its queue, its workers and the attempts between them. Changed by events alone; decides nothing."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from contracts.scalars import Millis, attempt_id
from services.executor.dispatch.event import (
    AnyDispatchEvent,
    AttemptAssigned,
    AttemptClosed,
    AttemptQueued,
    AttemptReturned,
    AttemptsFreed,
    AttemptStopping,
    WorkerDrained,
    WorkerForgotten,
    WorkerHeard,
    WorkerJoined,
    WorkerSpared,
)

CLOSED_KEPT = 65_536
"""Ended attempts that are remembered per group, so that a command sent again does not run one twice."""


@dataclass(slots=True)
class Attempt:
    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    priority: int
    run: msgspec.Raw
    worker_id: str | None = None
    assigned_at: Millis = 0
    stopping: bool = False


@dataclass(slots=True)
class Worker:
    inbox: int
    slots: int
    heard_at: Millis
    running: dict[str, None] = field(default_factory=dict)
    """Keys of the attempts that take its slots, strangers included, in order (a set would decide by hash seed)."""
    draining: bool = False
    spared: bool = False

    @property
    def free(self) -> bool:
        return not self.draining and len(self.running) < self.slots


Lane = OrderedDict[str, None]
"""Keys of queued attempts of one fair key, oldest first."""


class Queue:
    """By priority; within one, lanes take turns; within a lane, first in first out."""

    def __init__(self) -> None:
        self._lanes: dict[int, OrderedDict[str, Lane]] = {}
        self._priorities: list[int] = []
        """Highest first."""

    def __bool__(self) -> bool:
        return bool(self._priorities)

    def __len__(self) -> int:
        return sum(len(lane) for lanes in self._lanes.values() for lane in lanes.values())

    def first(self) -> str:
        lanes = self._lanes[self._priorities[0]]
        return next(iter(next(iter(lanes.values()))))

    def add(self, key: str, attempt: Attempt) -> None:
        self._lane(attempt)[key] = None

    def put_back(self, key: str, attempt: Attempt) -> None:
        """Before all others of its priority."""
        lane = self._lane(attempt)
        lane[key] = None
        lane.move_to_end(key, last=False)
        self._lanes[attempt.priority].move_to_end(attempt.fair_key, last=False)

    def take(self, key: str, attempt: Attempt) -> None:
        """Its lane goes behind the others of its priority."""
        self.remove(key, attempt)
        lanes = self._lanes.get(attempt.priority)
        if lanes is not None and attempt.fair_key in lanes:
            lanes.move_to_end(attempt.fair_key)

    def remove(self, key: str, attempt: Attempt) -> None:
        lanes = self._lanes[attempt.priority]
        lane = lanes[attempt.fair_key]
        del lane[key]
        if not lane:
            del lanes[attempt.fair_key]
            if not lanes:
                del self._lanes[attempt.priority]
                self._priorities.remove(attempt.priority)

    def keys(self) -> list[str]:
        """All, lane by lane: adding them in this order gives this queue again."""
        return [
            key for priority in self._priorities for lane in self._lanes[priority].values() for key in lane
        ]

    def _lane(self, attempt: Attempt) -> Lane:
        lanes = self._lanes.get(attempt.priority)
        if lanes is None:
            lanes = self._lanes[attempt.priority] = OrderedDict()
            self._priorities.append(attempt.priority)
            self._priorities.sort(reverse=True)
        lane = lanes.get(attempt.fair_key)
        if lane is None:
            lane = lanes[attempt.fair_key] = OrderedDict()
        return lane


class Group:
    def __init__(self) -> None:
        self.attempts: dict[str, Attempt] = {}
        """Queued and handed out."""
        self.queue = Queue()
        self.workers: dict[str, Worker] = {}
        self.free: OrderedDict[str, None] = OrderedDict()
        """Workers with a free slot, in the order in which they get the next attempts."""
        self.closed: dict[str, str] = {}
        """Ended attempts; the value is the execution id where an end was declared here, else empty."""
        self.closed_order: deque[str] = deque()

    def apply(self, event: AnyDispatchEvent) -> None:
        match event:
            case AttemptQueued():
                self._queued(event)
            case AttemptAssigned():
                self._assigned(event)
            case AttemptsFreed():
                self._freed(event)
            case WorkerHeard(worker_id=worker_id, at=at):
                self._heard(self.workers[worker_id], at)
            case AttemptStopping(key=key):
                self.attempts[key].stopping = True
            case AttemptReturned(key=key):
                self._returned(key)
            case AttemptClosed(key=key, execution_id=execution_id):
                self._leave(key)
                self.close(key, execution_id)
            case WorkerJoined():
                self._joined(event)
            case WorkerSpared(worker_id=worker_id):
                self.workers[worker_id].spared = True
            case WorkerDrained(worker_id=worker_id, at=at):
                worker = self.workers[worker_id]
                worker.draining = True
                self._heard(worker, at)
                self._refresh(worker_id, worker)
            case WorkerForgotten(worker_id=worker_id):
                del self.workers[worker_id]
                self.free.pop(worker_id, None)
            case _:
                assert_never(event)

    def close(self, key: str, execution_id: str) -> None:
        if key not in self.closed:
            self.closed_order.append(key)
            if len(self.closed_order) > CLOSED_KEPT:
                del self.closed[self.closed_order.popleft()]
        self.closed[key] = execution_id

    def hand_out(self, key: str, attempt: Attempt, worker_id: str, at: Millis) -> None:
        """The attempt, not in the queue, takes a slot of the worker."""
        attempt.worker_id, attempt.assigned_at = worker_id, at
        worker = self.workers[worker_id]
        worker.running[key] = None
        if not worker.free:
            self.free.pop(worker_id, None)

    def _queued(self, event: AttemptQueued) -> None:
        key = attempt_id(event.task_run_id, event.attempt)
        attempt = Attempt(
            event.execution_id, event.task_run_id, event.attempt, event.fair_key, event.priority, event.run
        )
        self.attempts[key] = attempt
        self.queue.add(key, attempt)

    def _assigned(self, event: AttemptAssigned) -> None:
        attempt = self.attempts[event.key]
        self.queue.take(event.key, attempt)
        self.hand_out(event.key, attempt, event.worker_id, event.at)
        if event.worker_id in self.free:
            self.free.move_to_end(event.worker_id)

    def _freed(self, event: AttemptsFreed) -> None:
        worker = self.workers[event.worker_id]
        for key in event.keys:
            attempt = self.attempts.get(key)
            if attempt is not None and attempt.worker_id == event.worker_id:
                del self.attempts[key]
                self.close(key, "")
            worker.running.pop(key, None)
        self._heard(worker, event.at)
        self._refresh(event.worker_id, worker)

    def _returned(self, key: str) -> None:
        attempt = self.attempts[key]
        self._vacate(key, attempt)
        self.queue.put_back(key, attempt)

    def _leave(self, key: str) -> None:
        attempt = self.attempts.pop(key, None)
        if attempt is None:
            return
        if attempt.worker_id is None:
            self.queue.remove(key, attempt)
        else:
            self._vacate(key, attempt)

    def _vacate(self, key: str, attempt: Attempt) -> None:
        worker_id, attempt.worker_id = attempt.worker_id, None
        worker = self.workers.get(worker_id or "")
        if worker is not None and worker_id is not None:
            worker.running.pop(key, None)
            self._refresh(worker_id, worker)

    def _joined(self, event: WorkerJoined) -> None:
        known = self.workers.get(event.worker_id)
        kept = [key for key in known.running if key in self.attempts] if known is not None else []
        worker = Worker(event.inbox, event.slots, event.at, dict.fromkeys([*kept, *event.strangers]))
        self.workers[event.worker_id] = worker
        self._refresh(event.worker_id, worker)

    def _heard(self, worker: Worker, at: Millis) -> None:
        worker.heard_at = at
        worker.spared = False

    def _refresh(self, worker_id: str, worker: Worker) -> None:
        if worker.free:
            self.free.setdefault(worker_id)
        else:
            self.free.pop(worker_id, None)


def apply(groups: dict[str, Group], event: AnyDispatchEvent) -> None:
    group = groups.get(event.group)
    if group is None:
        group = groups[event.group] = Group()
    group.apply(event)
