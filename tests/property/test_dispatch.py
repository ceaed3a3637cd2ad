"""Laws of dispatch under random orders of commands, workers and crashes of dispatch itself."""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.execution import AttemptEnded
from contracts.machine import Input, Step
from contracts.scalars import attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    EnqueueAttempt,
    RunAttempt,
    StopAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from tests.support.rig.dispatch import GROUP, DispatchRig

WORKERS = ("w0", "w1", "w2")
SLOTS = 2


class Dispatching(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rig = DispatchRig()
        self.alive: dict[str, dict[str, AttemptKey]] = {}
        self.received: dict[str, int] = {}
        """By worker: the highest number in its inbox. Records arrive at once here."""
        self.enqueued: list[EnqueueAttempt] = []
        self.withdrawn: set[str] = set()
        self.asked: list[str] = []
        self.ended: dict[str, int] = {}
        """How often the executor heard of an end of each attempt, from dispatch or a worker."""
        self.starts: list[EnqueueAttempt] = []

    def step(self, message: Input) -> None:
        self.see(self.rig.when(message))
        while self.asked:
            self.announce(self.asked.pop())

    def announce(self, worker: str) -> None:
        self.step(
            WorkerAnnounced(
                group=GROUP,
                worker_id=worker,
                inbox=WORKERS.index(worker),
                slots=SLOTS,
                at=self.rig.now,
                running=list(self.alive[worker].values()),
                received_through=self.received[worker],
            )
        )

    def see(self, step: Step) -> None:
        for out in step.outbox:
            if isinstance(out.message, RunAttempt):
                key = AttemptKey(out.message.task_run_id, out.message.attempt)
                name = attempt_id(*msgspec.structs.astuple(key))
                assert all(name not in running for running in self.alive.values()), "at two workers"
                assert name not in self.ended, "handed out after its end"
                if out.key in self.alive:
                    self.alive[out.key][name] = key
                    self.received[out.key] = out.message.number
            elif isinstance(out.message, AskAnnouncement) and out.key in self.alive:
                self.received[out.key] = max(self.received[out.key], out.message.number)
                self.asked.append(out.key)
            elif isinstance(out.message, AttemptEnded):
                self.end(attempt_id(out.message.task_run_id, out.message.attempt))
            elif isinstance(out.message, StopAttempt) and out.key in self.alive:
                name = attempt_id(out.message.task_run_id, out.message.attempt)
                assert name in self.withdrawn or name in self.ended, "stopped without reason"

    def end(self, name: str) -> None:
        self.ended[name] = self.ended.get(name, 0) + 1

    @rule(fair=st.sampled_from("ab"), priority=st.integers(0, 1))
    def enqueue(self, fair: str, priority: int) -> None:
        number = len(self.enqueued)
        message = self.rig.an_enqueue(f"t{number}", fair_key=fair, priority=priority)
        self.enqueued.append(message)
        self.step(message)

    @precondition(lambda self: self.enqueued)
    @rule(data=st.data())
    def enqueue_again(self, data: st.DataObject) -> None:
        self.step(data.draw(st.sampled_from(self.enqueued)))

    @precondition(lambda self: self.enqueued)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(self.enqueued))
        name = attempt_id(message.task_run_id, 1)
        if name in self.ended:
            return
        self.withdrawn.add(name)
        self.step(self.rig.a_withdrawal(message.task_run_id))

    @rule(worker=st.sampled_from(WORKERS))
    def start_worker(self, worker: str) -> None:
        """Start a worker. For a known one this is a restart that forgot everything."""
        self.rig.now += 1
        self.alive[worker], self.received[worker] = {}, 0
        self.announce(worker)

    @rule(worker=st.sampled_from(WORKERS))
    def kill_worker(self, worker: str) -> None:
        self.alive.pop(worker, None)

    @precondition(lambda self: any(self.alive.values()))
    @rule(data=st.data())
    def end_attempt(self, data: st.DataObject) -> None:
        worker, name = data.draw(
            st.sampled_from([(worker, name) for worker, names in self.alive.items() for name in names])
        )
        key = self.alive[worker].pop(name)
        if self.ended.get(name, 0) == 0:  # the report of a fenced attempt changes nothing for the executor
            self.end(name)
        self.step(WorkerReported(group=GROUP, worker_id=worker, at=self.rig.now, ended=[key]))

    @rule(worker=st.sampled_from(WORKERS), gone=st.booleans(), returns=st.booleans())
    def drain(self, worker: str, gone: bool, returns: bool) -> None:
        if worker not in self.alive:
            return
        returned = list(self.alive[worker].values()) if returns else []
        if returns:
            self.alive[worker] = {}
        if gone:
            del self.alive[worker]
        self.step(
            WorkerDraining(group=GROUP, worker_id=worker, at=self.rig.now, returned=returned, gone=gone)
        )

    @rule(milliseconds=st.integers(0, 15_000), jump=st.booleans())
    def pass_time(self, milliseconds: int, jump: bool) -> None:
        """With a jump timers fire late. Without one they fire in time, and living workers send heartbeats."""
        end = self.rig.now + milliseconds
        while self.rig.now < end:
            self.rig.now = end if jump else min(end, self.rig.now + 1_000)
            for worker, running in self.alive.items():
                self.step(
                    WorkerReported(
                        group=GROUP,
                        worker_id=worker,
                        at=self.rig.now,
                        running=list(running.values()),
                        received_through=self.received[worker],
                    )
                )
            for step in self.rig.settle():
                self.see(step)

    @rule(snapshot=st.booleans())
    def restart_dispatch(self, snapshot: bool) -> None:
        self.rig.restart(snapshot=snapshot)

    @invariant()
    def slots_are_never_exceeded(self) -> None:
        for group in self.rig.machine.state.groups.values():
            for worker in group.workers.values():
                assert len(worker.running) <= worker.slots
            assert not (group.queue and group.free), "an attempt waits although a worker is free"

    @invariant()
    def every_attempt_ends_at_most_once_unless_withdrawn(self) -> None:
        for name, times in self.ended.items():
            assert times == 1 or name in self.withdrawn

    def teardown(self) -> None:
        """Once faults stop, nothing is stuck: with a living worker everything ends."""
        self.start_worker("w0")
        for _ in range(400):
            self.pass_time(2_000, jump=False)
            for worker, running in self.alive.items():
                keys = list(running.values())
                running.clear()
                for key in keys:
                    name = attempt_id(key.task_run_id, key.attempt)
                    if name not in self.ended:
                        self.end(name)
                if keys:
                    self.step(WorkerReported(group=GROUP, worker_id=worker, at=self.rig.now, ended=keys))
            if len(self.ended) == len(self.enqueued):
                break
        assert {attempt_id(message.task_run_id, 1) for message in self.enqueued} == set(self.ended)


TestDispatching = Dispatching.TestCase
TestDispatching.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
