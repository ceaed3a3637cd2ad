from __future__ import annotations

import msgspec
import pytest

from contracts.codec import encode
from contracts.execution import AttemptEnded
from contracts.machine import Step, TimerDue
from contracts.scalars import attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    EnqueueAttempt,
    RunAttempt,
    StopAttempt,
    WithdrawAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.machine import DispatchMachine

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


class Stage:
    """A machine whose time the test moves, and which fires the timers it set."""

    def __init__(self) -> None:
        self.machine = DispatchMachine()
        self.now = 1_000_000
        self.timers: dict[str, int] = {}

    def step(self, message) -> Step:
        if isinstance(message, TimerDue):
            self.timers.pop(message.name, None)
        step = self.machine.step(message, self.now)
        for timer in step.timers:
            if timer.due is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = timer.due
        return step

    def later(self, milliseconds: int) -> list[Step]:
        """Time passes; timers fire when they are due."""
        end = self.now + milliseconds
        steps = []
        while due := min(((due, name) for name, due in self.timers.items() if due <= end), default=None):
            self.now = max(self.now, due[0])
            steps.append(self.step(TimerDue(due[1], due[0])))
        self.now = end
        return steps

    def enqueue(self, task_run: str, *, number: int = 1, fair_key: str = "f", priority: int = 0) -> Step:
        return self.step(
            EnqueueAttempt(
                group=GROUP,
                execution_id=f"e-{task_run}",
                task_run_id=task_run,
                attempt=number,
                fair_key=fair_key,
                priority=priority,
                at=self.now,
                run=msgspec.Raw(encode(a_run(task_run, number))),
            )
        )

    def withdraw(self, task_run: str) -> Step:
        return self.step(
            WithdrawAttempt(
                group=GROUP, execution_id=f"e-{task_run}", task_run_id=task_run, attempt=1, at=self.now
            )
        )

    def announce(self, worker: str = "w1", *, slots: int = 1, inbox: int = 7, running: str = "") -> Step:
        keys = [AttemptKey(name, 1) for name in running.split()]
        return self.step(
            WorkerAnnounced(
                group=GROUP, worker_id=worker, inbox=inbox, slots=slots, at=self.now, running=keys
            )
        )

    def report(self, worker: str = "w1", *, ended: str = "", running: str | None = None) -> Step:
        return self.step(
            WorkerReported(
                group=GROUP,
                worker_id=worker,
                at=self.now,
                ended=[AttemptKey(name, 1) for name in ended.split()],
                running=None if running is None else [AttemptKey(name, 1) for name in running.split()],
            )
        )

    def drain(self, worker: str = "w1", *, returned: str = "", gone: bool = False) -> Step:
        keys = [AttemptKey(name, 1) for name in returned.split()]
        return self.step(WorkerDraining(group=GROUP, worker_id=worker, at=self.now, returned=keys, gone=gone))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def runs(*steps: Step) -> list[str]:
    """Task runs that were sent to workers, in order."""
    return [
        out.message.task_run_id
        for step in steps
        for out in step.outbox
        if isinstance(out.message, RunAttempt)
    ]


def ends(*steps: Step) -> list[tuple[str, str]]:
    return [
        (out.message.task_run_id, out.message.outcome)
        for step in steps
        for out in step.outbox
        if isinstance(out.message, AttemptEnded)
    ]


def stops(*steps: Step) -> list[tuple[str, str]]:
    return [
        (out.message.execution_id, out.message.task_run_id)
        for step in steps
        for out in step.outbox
        if isinstance(out.message, StopAttempt)
    ]


def nothing(step: Step) -> bool:
    return not (step.events or step.outbox or step.timers)


# ---- handing out


def test_an_attempt_goes_unchanged_to_the_inbox_of_a_free_worker(stage: Stage) -> None:
    stage.announce("w1", inbox=7)

    step = stage.enqueue("t1")

    (out,) = step.outbox
    assert (out.topic, out.key, out.partition) == ("workers.inbox", "w1", 7)
    assert encode(out.message) == encode(a_run("t1"))


def test_without_a_worker_an_attempt_waits_until_one_announces_itself(stage: Stage) -> None:
    assert runs(stage.enqueue("t1")) == []

    assert runs(stage.announce("w1")) == ["t1"]


def test_no_more_attempts_than_slots_until_one_ends(stage: Stage) -> None:
    stage.announce(slots=2)

    assert runs(stage.enqueue("t1"), stage.enqueue("t2"), stage.enqueue("t3")) == ["t1", "t2"]

    assert runs(stage.report(ended="t1")) == ["t3"]


def test_workers_with_free_slots_take_turns(stage: Stage) -> None:
    stage.announce("w1", slots=2)
    stage.announce("w2", slots=2)

    keys = [stage.enqueue(f"t{n}").outbox[0].key for n in range(4)]

    assert keys == ["w1", "w2", "w1", "w2"]


def test_higher_priority_goes_first(stage: Stage) -> None:
    stage.enqueue("low")
    stage.enqueue("high", priority=5)

    assert runs(stage.announce(slots=2)) == ["high", "low"]


def test_flows_take_turns_and_within_one_the_oldest_goes_first(stage: Stage) -> None:
    for name in ("a1", "a2", "a3"):
        stage.enqueue(name, fair_key="a")
    stage.enqueue("b1", fair_key="b")

    assert runs(stage.announce(slots=4)) == ["a1", "b1", "a2", "a3"]


def test_the_same_attempt_again_changes_nothing(stage: Stage) -> None:
    stage.enqueue("queued")
    assert nothing(stage.enqueue("queued"))

    stage.announce()
    assert nothing(stage.enqueue("queued"))

    stage.report(ended="queued")
    assert nothing(stage.enqueue("queued"))


def test_the_next_attempt_of_a_task_run_is_another_attempt(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")
    stage.report(ended="t1")

    assert runs(stage.enqueue("t1", number=2)) == ["t1"]


def test_an_attempt_that_no_worker_could_read_fails_and_the_next_one_runs(stage: Stage) -> None:
    stage.step(
        EnqueueAttempt(
            group=GROUP,
            execution_id="e-bad",
            task_run_id="bad",
            attempt=1,
            fair_key="f",
            at=stage.now,
            run=msgspec.Raw(b'{"type":"attempt.run.v1"}'),
        )
    )
    stage.enqueue("good")

    step = stage.announce()

    assert ends(step) == [("bad", "failed")]
    assert runs(step) == ["good"]


# ---- leases


def test_a_silent_worker_loses_its_attempts_after_ten_seconds(stage: Stage) -> None:
    stage.announce(slots=3)
    stage.enqueue("t1")
    stage.enqueue("t2")

    assert ends(*stage.later(9_999)) == []
    steps = stage.later(1)

    assert ends(*steps) == [("t1", "lost"), ("t2", "lost")]
    assert runs(stage.enqueue("t3")) == [], "a forgotten worker gets nothing"


def test_heartbeats_keep_a_worker(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")

    for _ in range(20):
        assert ends(*stage.later(2_000)) == []
        stage.report(running="t1")


def test_a_lease_timer_that_fires_late_spares_the_worker_once(stage: Stage) -> None:
    """Dispatch was down for a minute: the worker could not be heard."""
    stage.announce()
    stage.enqueue("t1")
    ((name, due),) = stage.timers.items()
    stage.now += 60_000

    assert ends(stage.step(TimerDue(name, due))) == []
    assert ends(*stage.later(10_000)) == [("t1", "lost")]


def test_an_unknown_worker_is_asked_to_announce_itself(stage: Stage) -> None:
    step = stage.report("stranger", running="")

    (out,) = step.outbox
    assert (out.topic, out.key) == ("workers.inbox", "stranger")
    assert out.message == AskAnnouncement(worker_id="stranger")


def test_what_a_forgotten_worker_still_runs_is_stopped_when_it_comes_back(stage: Stage) -> None:
    stage.announce(slots=1)
    stage.enqueue("t1")
    stage.later(10_000)
    stage.enqueue("t2")

    step = stage.announce(slots=1, running="t1")

    assert stops(step) == [("e-t1", "t1")]
    assert runs(step) == [], "it takes its slot until it ended"
    assert runs(stage.report(ended="t1")) == ["t2"]


def test_an_attempt_absent_from_a_heartbeat_long_after_it_was_sent_is_lost(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")

    stage.now += 5_000
    assert ends(stage.report(running="")) == [], "it may still be on its way"
    stage.now += 1
    assert ends(stage.report(running="")) == [("t1", "lost")]


def test_a_heartbeat_that_waited_in_the_topic_loses_nothing(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")
    stage.now += 8_000

    step = stage.step(WorkerReported(group=GROUP, worker_id="w1", at=stage.now - 7_000, ended=[], running=[]))

    assert ends(step) == []


def test_a_restarted_worker_lost_what_it_does_not_name(stage: Stage) -> None:
    stage.announce(slots=2)
    stage.enqueue("t1")
    stage.enqueue("t2")
    stage.now += 100

    step = stage.announce(slots=2, running="t2")

    assert ends(step) == [("t1", "lost")]
    assert ends(stage.report(ended="t2")) == []
    assert runs(stage.enqueue("t3"), stage.enqueue("t4")) == ["t3", "t4"]


# ---- drain


def test_a_draining_worker_gets_nothing_and_what_it_returns_goes_first(stage: Stage) -> None:
    stage.announce("w1", slots=3)
    for name in ("t1", "t2", "t3", "t4"):
        stage.enqueue(name)

    assert ends(stage.drain("w1", returned="t2 t3")) == []
    stage.enqueue("t5")

    assert runs(stage.announce("w2", slots=9)) == ["t2", "t3", "t4", "t5"]
    assert ends(stage.report("w1", ended="t1")) == []


def test_a_worker_that_is_gone_lost_what_it_did_not_return(stage: Stage) -> None:
    stage.announce(slots=2)
    stage.enqueue("t1")
    stage.enqueue("t2")

    step = stage.drain(returned="t1", gone=True)

    assert ends(step) == [("t2", "lost")]
    assert stage.timers == {}


# ---- withdrawal


def test_a_queued_attempt_is_withdrawn_and_never_runs(stage: Stage) -> None:
    stage.enqueue("t1")

    assert ends(stage.withdraw("t1")) == [("t1", "cancelled")]
    assert runs(stage.announce()) == []
    assert nothing(stage.enqueue("t1"))


def test_a_running_attempt_is_stopped_again_and_again_until_it_ended(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")

    assert stops(stage.withdraw("t1")) == [("e-t1", "t1")]
    assert stops(stage.withdraw("t1")) == [], "once is enough, the timer repeats it"
    assert stops(*stage.later(4_000)) == [("e-t1", "t1")] * 2

    step = stage.report(ended="t1")
    assert ends(step) == [], "the worker told the executor itself"
    assert not [name for name in stage.timers if "t1" in name]


def test_a_withdrawn_attempt_of_a_lost_worker_is_cancelled_not_retried(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")
    stage.withdraw("t1")

    steps = stage.later(30_000)

    assert ends(*steps) == [("t1", "cancelled")]
    assert stage.timers == {}


def test_withdrawing_an_unknown_attempt_is_answered_and_remembered(stage: Stage) -> None:
    assert ends(stage.withdraw("t1")) == [("t1", "cancelled")]
    assert nothing(stage.enqueue("t1"))
    assert ends(stage.withdraw("t1")) == [("t1", "cancelled")]


def test_a_returned_attempt_that_was_being_stopped_is_cancelled(stage: Stage) -> None:
    stage.announce()
    stage.enqueue("t1")
    stage.withdraw("t1")

    assert ends(stage.drain(returned="t1", gone=True)) == [("t1", "cancelled")]


# ---- failing, and coming back


def test_a_bug_fails_the_attempt_that_it_was_about(stage: Stage) -> None:
    enqueue = EnqueueAttempt(
        group=GROUP, execution_id="e", task_run_id="t", attempt=1, fair_key="f", at=0, run=msgspec.Raw(b"{}")
    )

    step = stage.machine.fail(enqueue, stage.now, "ZeroDivisionError")

    assert ends(step) == [("t", "failed")]
    (out,) = step.outbox
    assert isinstance(out.message, AttemptEnded)
    assert "ZeroDivisionError" in out.message.message


def test_a_dump_restores_queue_order_workers_and_memory(stage: Stage) -> None:
    stage.announce("w1", slots=1)
    stage.announce("w2", slots=1)
    for name, fair_key in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("b2", "b")):
        stage.enqueue(name, fair_key=fair_key)
    stage.enqueue("urgent", priority=1)
    stage.report("w1", ended="a1")
    stage.withdraw("a2")

    restored = DispatchMachine()
    restored.load(list(stage.machine.dump()))

    assert list(restored.dump()) == list(stage.machine.dump())
    stage.machine = restored
    assert nothing(stage.enqueue("a1"))
    assert runs(stage.announce("w3", slots=9)) == ["a3", "b1", "b2"]
    assert attempt_id("urgent", 1) in restored.state.groups[GROUP].workers["w1"].running
