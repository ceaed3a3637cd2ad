"""The rig of dispatch: attempts by the names of their task runs, workers by their own names."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.codec import encode
from contracts.execution import AttemptEnded
from contracts.machine import Input, Step
from contracts.work import (
    AttemptKey,
    EnqueueAttempt,
    RunAttempt,
    StopAttempt,
    WithdrawAttempt,
    WorkerAnnounced,
    WorkerDoubted,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.machine import DispatchMachine
from tests.support.rig import Rig, messages

GROUP = "default"


def a_run(task_run: str, number: int = 1) -> RunAttempt:
    return RunAttempt(
        execution_id=f"e-{task_run}",
        task_run_id=task_run,
        attempt=number,
        namespace="company.team",
        flow_id="hello",
        revision=1,
        task_id="say",
        task_type="io.kestra.plugin.core.log.Log",
        task=msgspec.Raw(b'{"message":"hi"}'),
        variables={},
    )


class DispatchRig(Rig[DispatchMachine]):
    def __init__(self) -> None:
        super().__init__(DispatchMachine)
        self.unread: list[WorkerDoubted] = []
        """Doubts that dispatch wrote to ``workers.events``, and has not read yet."""
        self.reads_at_once = True

    def when(self, message: Input) -> Step:
        """Also read the doubts that the step writes, and return the effects of all together."""
        step = super().when(message)
        self.unread += messages(step.outbox, WorkerDoubted)
        return merged(step, *self.read()) if self.reads_at_once else step

    def read(self) -> list[Step]:
        """Read what dispatch wrote to ``workers.events``."""
        doubts, self.unread = self.unread, []
        return [super(DispatchRig, self).when(doubt) for doubt in doubts]

    def an_enqueue(self, task_run: str, *, number: int = 1, **fields: Any) -> EnqueueAttempt:
        return EnqueueAttempt(
            group=GROUP,
            execution_id=f"e-{task_run}",
            task_run_id=task_run,
            attempt=number,
            at=self.now,
            run=msgspec.Raw(encode(a_run(task_run, number))),
            **{"fair_key": "f"} | fields,
        )

    def enqueue(self, task_run: str, **fields: Any) -> Step:
        """``fields``: ``number`` of the attempt, ``fair_key``, ``priority``, ``borrower`` …"""
        return self.when(self.an_enqueue(task_run, **fields))

    def a_withdrawal(self, task_run: str) -> WithdrawAttempt:
        return WithdrawAttempt(
            group=GROUP, execution_id=f"e-{task_run}", task_run_id=task_run, attempt=1, at=self.now
        )

    def withdraw(self, task_run: str) -> Step:
        return self.when(self.a_withdrawal(task_run))

    def announce(
        self,
        worker: str = "w1",
        *,
        slots: int = 1,
        inbox: int = 7,
        running: str = "",
        received: int = 0,
        clock_ms: int = 0,
        light: int = 0,
        **session: Any,
    ) -> Step:
        """``session``: its name, whether this is the ``first`` announcement in it, and what is ``held`` under leases."""
        return self.when(
            WorkerAnnounced(
                group=GROUP,
                worker_id=worker,
                inbox=inbox,
                slots=slots,
                at=self.now + clock_ms,
                running=keys(running),
                received_through=received,
                light_slots=light,
                **session,
            )
        )

    def report(
        self,
        worker: str = "w1",
        *,
        ended: str = "",
        running: str | None = None,
        received: int = 0,
        **session: Any,
    ) -> Step:
        return self.when(
            WorkerReported(
                group=GROUP,
                worker_id=worker,
                at=self.now,
                ended=keys(ended),
                running=None if running is None else keys(running),
                received_through=received,
                **session,
            )
        )

    def drain(self, worker: str = "w1", *, returned: str = "", **fields: Any) -> Step:
        return self.when(
            WorkerDraining(group=GROUP, worker_id=worker, at=self.now, returned=keys(returned), **fields)
        )


def merged(*steps: Step) -> Step:
    found = Step()
    for step in steps:
        found.events += step.events
        found.outbox += step.outbox
        found.timers += step.timers
    return found


def keys(names: str) -> list[AttemptKey]:
    """Return the first attempts of these task runs."""
    return [AttemptKey(name, 1) for name in names.split()]


def runs(*steps: Step) -> list[str]:
    """Return the task runs that were sent to workers, in order."""
    return [run.task_run_id for step in steps for run in messages(step.outbox, RunAttempt)]


def ends(*steps: Step) -> list[tuple[str, str]]:
    """Return the task runs whose end dispatch reported to the executor, with the outcome."""
    return [(end.task_run_id, end.outcome) for step in steps for end in messages(step.outbox, AttemptEnded)]


def stops(*steps: Step) -> list[tuple[str, str]]:
    """Return execution and task run of each request to stop."""
    return [
        (stop.execution_id, stop.task_run_id) for step in steps for stop in messages(step.outbox, StopAttempt)
    ]
