"""Leases for the rig of executions: partition 3, which has places at workers for tasks that log."""

from __future__ import annotations

from typing import Any

from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.machine import Step
from contracts.work import AttemptKey, RunAttempt
from tests.support.rig.executions import ExecutionRig

FLOW = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
      - {id: c, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}
"""
ASKING = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ secret('KEY') == 'x' }}"}
"""


def a_rig(*sources: str, **options: Any) -> ExecutionRig:
    options = {"borrower": 3, "is_light": lambda name: name.endswith("Log")} | options
    return ExecutionRig(*sources or [FLOW], **options)


def grant(
    rig: ExecutionRig, lease: int = 1, *, worker: str = "w1", slots: int = 1, session: str = "s"
) -> Step:
    return rig.when(
        LeaseGranted(
            group="default",
            lease=lease,
            worker_id=worker,
            inbox=7,
            session=session,
            slots=slots,
            at=rig.now,
        )
    )


def revoke(rig: ExecutionRig, lease: int = 1, *held: AttemptKey, reason: str = "gone") -> Step:
    return rig.when(LeaseRevoked(group="default", lease=lease, held=list(held), reason=reason, at=rig.now))


def to_worker(step: Step) -> list[tuple[str, int | None, str]]:
    return [
        (out.key, out.partition, out.message.task_id)
        for out in step.outbox
        if out.topic == "workers.inbox" and isinstance(out.message, RunAttempt)
    ]


def key_of(rig: ExecutionRig, name: str) -> AttemptKey:
    run = rig.attempt(name).run
    return AttemptKey(run.task_run_id, run.attempt)
