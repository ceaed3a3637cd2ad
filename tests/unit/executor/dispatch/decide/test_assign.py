"""Attempts go from the queue to workers with a free slot: their order, and payloads that no worker could read."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from contracts.codec import encode
from contracts.execution import AttemptEnded
from contracts.work import EnqueueAttempt
from tests.support.rig import messages
from tests.support.rig.dispatch import GROUP, DispatchRig, a_run, ends, runs


def test_an_attempt_goes_to_the_inbox_of_a_free_worker_with_nothing_but_a_number_added(
    rig: DispatchRig,
) -> None:
    rig.announce("w1", inbox=7)

    step = rig.enqueue("t1")

    (out,) = step.outbox
    assert (out.topic, out.key, out.partition) == ("workers.inbox", "w1", 7)
    assert encode(out.message) == encode(msgspec.structs.replace(a_run("t1"), number=1))


def test_without_a_worker_an_attempt_waits_until_one_announces_itself(rig: DispatchRig) -> None:
    assert runs(rig.enqueue("t1")) == []

    assert runs(rig.announce("w1")) == ["t1"]


def test_no_more_attempts_than_slots_until_one_ends(rig: DispatchRig) -> None:
    rig.announce(slots=2)

    assert runs(rig.enqueue("t1"), rig.enqueue("t2"), rig.enqueue("t3")) == ["t1", "t2"]

    assert runs(rig.report(ended="t1")) == ["t3"]


def test_workers_with_free_slots_take_turns(rig: DispatchRig) -> None:
    rig.announce("w1", slots=2)
    rig.announce("w2", slots=2)

    keys = [rig.enqueue(f"t{n}").outbox[0].key for n in range(4)]

    assert keys == ["w1", "w2", "w1", "w2"]


def test_higher_priority_goes_first(rig: DispatchRig) -> None:
    rig.enqueue("low")
    rig.enqueue("high", priority=5)

    assert runs(rig.announce(slots=2)) == ["high", "low"]


def test_flows_take_turns_and_within_one_the_oldest_goes_first(rig: DispatchRig) -> None:
    for name in ("a1", "a2", "a3"):
        rig.enqueue(name, fair_key="a")
    rig.enqueue("b1", fair_key="b")

    assert runs(rig.announce(slots=4)) == ["a1", "b1", "a2", "a3"]


def test_an_attempt_that_no_worker_could_read_fails_and_the_next_one_runs(rig: DispatchRig) -> None:
    rig.when(
        EnqueueAttempt(
            group=GROUP,
            execution_id="e-bad",
            task_run_id="bad",
            attempt=1,
            fair_key="f",
            at=rig.now,
            run=msgspec.Raw(b'{"type":"attempt.run.v1"}'),
        )
    )
    rig.enqueue("good")

    step = rig.announce()

    assert ends(step) == [("bad", "failed")]
    assert runs(step) == ["good"]


def test_an_attempt_runs_only_on_the_worker_that_it_names_and_goes_first_there(rig: DispatchRig) -> None:
    rig.announce("w1")
    rig.announce("w2")
    rig.enqueue("t1")
    rig.enqueue("t2")
    rig.enqueue("t3")
    assert runs(rig.when(pinned(rig, "t4", "w2"))) == []
    rig.restart(snapshot=True)
    assert runs(rig.report("w1", ended="t1")) == ["t3"]
    step = rig.report("w2", ended="t2")
    assert [(out.key, out.message.task_run_id) for out in step.outbox] == [("w2", "t4")]  # type: ignore[attr-defined]


def test_an_attempt_whose_worker_is_gone_is_lost_with_the_reason(rig: DispatchRig) -> None:
    rig.announce("w1")
    step = rig.when(pinned(rig, "t1", "w9"))
    (ended,) = messages(step.outbox, AttemptEnded)
    assert (ended.outcome, ended.message) == ("lost", "it must run on worker w9, which is gone")


def test_a_queued_attempt_is_lost_when_its_worker_stops_or_is_gone(rig: DispatchRig) -> None:
    for name in ("w1", "w2", "w3"):
        rig.announce(name)
    for number, name in enumerate(("w1", "w2", "w3")):
        rig.enqueue(f"busy{number}")
        rig.when(pinned(rig, f"t-{name}", name))
    assert ends(rig.drain("w1")) == [("t-w1", "lost")]
    assert ends(rig.drain("w2", gone=True)) == [("busy1", "lost"), ("t-w2", "lost")]
    assert ("t-w3", "lost") in ends(*rig.wait(30_000))


def test_a_withdrawn_attempt_leaves_the_queue_of_its_worker(rig: DispatchRig) -> None:
    rig.announce("w1")
    rig.enqueue("t1")
    rig.when(pinned(rig, "t2", "w1"))
    assert ends(rig.withdraw("t2")) == [("t2", "cancelled")]
    assert runs(rig.report("w1", ended="t1")) == []


def test_what_does_not_wait_ends_unserved_where_nobody_takes_attempts(rig: DispatchRig) -> None:
    step = rig.when(replace(rig.an_enqueue("t1"), wait=False))
    (ended,) = messages(step.outbox, AttemptEnded)
    assert (ended.outcome, ended.unserved) == ("failed", True)
    assert ended.message.startswith("worker group `default` has no worker")
    rig.enqueue("t2")
    assert runs(rig.announce()) == ["t2"], "what waits is there for the first worker"


def test_what_does_not_wait_for_workers_waits_for_a_free_slot(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    assert ends(rig.when(replace(rig.an_enqueue("t2"), wait=False))) == []
    rig.restart(snapshot=True)
    assert runs(rig.report(ended="t1")) == ["t2"]


def test_what_does_not_wait_ends_when_the_last_worker_goes(rig: DispatchRig) -> None:
    rig.announce("w1")
    rig.enqueue("t1")
    rig.when(replace(rig.an_enqueue("t2"), wait=False))
    assert ends(rig.drain("w1")) == [("t2", "failed")]


def pinned(rig: DispatchRig, task_run: str, worker: str) -> EnqueueAttempt:
    return replace(rig.an_enqueue(task_run), worker_id=worker)
