"""Attempts go from the queue to workers with a free slot: their order, and payloads that no worker could read."""

from __future__ import annotations

import msgspec

from contracts.codec import encode
from contracts.work import EnqueueAttempt
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
