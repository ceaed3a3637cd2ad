"""Workers come, report, fall silent and leave."""

from __future__ import annotations

from contracts.machine import TimerDue
from contracts.work import AskAnnouncement, WorkerReported
from tests.support.rig.dispatch import GROUP, DispatchRig, ends, runs, stops


def test_a_silent_worker_loses_its_attempts_after_ten_seconds(rig: DispatchRig) -> None:
    rig.announce(slots=3)
    rig.enqueue("t1")
    rig.enqueue("t2")

    assert ends(*rig.wait(9_999)) == []
    steps = rig.wait(1)

    assert ends(*steps) == [("t1", "lost"), ("t2", "lost")]
    assert runs(rig.enqueue("t3")) == [], "a forgotten worker gets nothing"


def test_heartbeats_keep_a_worker(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")

    for _ in range(20):
        assert ends(*rig.wait(2_000)) == []
        rig.report(running="t1")


def test_a_lease_timer_that_fires_late_spares_the_worker_once(rig: DispatchRig) -> None:
    """Dispatch was down for a minute and could not hear the worker."""
    rig.announce()
    rig.enqueue("t1")
    ((name, due),) = rig.timers.items()
    rig.now += 60_000

    assert ends(rig.when(TimerDue(name, due))) == []
    assert ends(*rig.wait(10_000)) == [("t1", "lost")]


def test_an_unknown_worker_is_asked_to_announce_itself(rig: DispatchRig) -> None:
    step = rig.report("stranger", running="")

    (out,) = step.outbox
    assert (out.topic, out.key) == ("workers.inbox", "stranger")
    assert out.message == AskAnnouncement(worker_id="stranger")


def test_attempts_of_a_forgotten_worker_are_stopped_when_it_comes_back(rig: DispatchRig) -> None:
    rig.announce(slots=1)
    rig.enqueue("t1")
    rig.wait(10_000)
    rig.enqueue("t2")

    step = rig.announce(slots=1, running="t1")

    assert stops(step) == [("e-t1", "t1")]
    assert runs(step) == [], "it takes its slot until it has ended"
    assert runs(rig.report(ended="t1")) == ["t2"]


def test_an_attempt_absent_from_a_heartbeat_long_after_it_was_sent_is_lost(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")

    rig.now += 5_000
    assert ends(rig.report(running="")) == [], "it may still be on its way"
    rig.now += 1
    assert ends(rig.report(running="")) == [("t1", "lost")]


def test_a_heartbeat_that_waited_in_the_topic_loses_nothing(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.now += 8_000

    step = rig.when(WorkerReported(group=GROUP, worker_id="w1", at=rig.now - 7_000, ended=[], running=[]))

    assert ends(step) == []


def test_a_restarted_worker_lost_the_attempts_that_it_does_not_name(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.enqueue("t2")
    rig.now += 100

    step = rig.announce(slots=2, running="t2")

    assert ends(step) == [("t1", "lost")]
    assert ends(rig.report(ended="t2")) == []
    assert runs(rig.enqueue("t3"), rig.enqueue("t4")) == ["t3", "t4"]


def test_a_draining_worker_gets_nothing_and_what_it_returns_goes_first(rig: DispatchRig) -> None:
    rig.announce("w1", slots=3)
    for name in ("t1", "t2", "t3", "t4"):
        rig.enqueue(name)

    assert ends(rig.drain("w1", returned="t2 t3")) == []
    rig.enqueue("t5")

    assert runs(rig.announce("w2", slots=9)) == ["t2", "t3", "t4", "t5"]
    assert ends(rig.report("w1", ended="t1")) == []
