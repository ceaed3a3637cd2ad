"""Workers come, report, fall silent and leave."""

from __future__ import annotations

from contracts.machine import TimerDue
from contracts.work import AskAnnouncement, WorkerReported
from tests.support.rig import messages
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
    assert out.message == AskAnnouncement(worker_id="stranger", anew=True)


def test_attempts_of_a_forgotten_worker_are_stopped_when_it_comes_back(rig: DispatchRig) -> None:
    rig.announce(slots=1)
    rig.enqueue("t1")
    rig.wait(10_000)
    rig.enqueue("t2")

    step = rig.announce(slots=1, running="t1")

    assert stops(step) == [("e-t1", "t1")]
    assert runs(step) == [], "it takes its slot until it has ended"
    assert runs(rig.report(ended="t1")) == ["t2"]


def test_an_attempt_that_has_arrived_and_is_absent_from_a_heartbeat_is_lost(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.enqueue("t2")

    assert ends(rig.report(running="", received=1)) == [("t1", "lost")], "the second is on its way"
    assert ends(rig.report(running="", received=2)) == [("t2", "lost")]


def test_an_attempt_that_waits_in_our_own_outbox_is_never_lost(rig: DispatchRig) -> None:
    """Kafka does not accept records for a minute, while heartbeats still arrive."""
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.report(running="t1", received=1)
    rig.enqueue("t2")
    steps = []
    for _ in range(30):
        rig.now += 2_000
        steps.append(rig.report(running="t1", received=1))

    assert ends(*steps) == []
    questions = [ask for step in steps for ask in messages(step.outbox, AskAnnouncement)]
    assert questions, "dispatch asks behind the attempt"
    assert ends(rig.announce(slots=2, running="t1 t2", received=questions[-1].number)) == []
    assert len(questions) < 15, "it does not ask at each heartbeat"


def test_an_attempt_that_never_arrives_is_lost_whatever_the_workers_clock_says(rig: DispatchRig) -> None:
    rig.announce(clock_ms=-3_600_000)
    rig.enqueue("t1")
    rig.now += 5_001
    (ask,) = messages(rig.report(running="").outbox, AskAnnouncement)

    assert ends(rig.announce(clock_ms=-3_600_000, received=ask.number)) == [("t1", "lost")]


def test_a_heartbeat_that_waited_in_the_topic_loses_nothing(rig: DispatchRig) -> None:
    rig.announce()
    old = rig.now
    rig.enqueue("t1")
    rig.now += 8_000

    step = rig.when(WorkerReported(group=GROUP, worker_id="w1", at=old, running=[], received_through=0))

    assert ends(step) == []


def test_a_restarted_worker_lost_the_attempts_that_it_does_not_name(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.enqueue("t2")
    rig.now += 100

    step = rig.announce(slots=2, running="t2")
    assert ends(step) == [], "they may arrive in its new inbox"
    (ask,) = messages(step.outbox, AskAnnouncement)

    assert ends(rig.announce(slots=2, running="t2", received=ask.number)) == [("t1", "lost")]
    assert ends(rig.report(ended="t2")) == []
    assert runs(rig.enqueue("t3"), rig.enqueue("t4")) == ["t3", "t4"]


def test_a_heartbeat_with_a_closed_attempt_stops_it_until_it_is_gone_and_counts_its_slot(
    rig: DispatchRig,
) -> None:
    rig.announce(slots=1)
    rig.enqueue("t1")
    assert ends(rig.report(running="", received=1)) == [("t1", "lost")]

    for _ in range(3):
        step = rig.report(running="t1", received=1)
        assert stops(step) == [("e-t1", "t1")]
        assert runs(rig.enqueue("t2")) == [], "its slot is taken"
    assert runs(rig.report(running="", received=1)) == ["t2"]


def test_heartbeats_that_wait_unread_keep_the_worker(rig: DispatchRig) -> None:
    """Reading stalls for a while, but timers do not."""
    rig.reads_at_once = False
    rig.announce(slots=200)
    for number in range(200):
        rig.enqueue(f"t{number}")

    steps = rig.wait(11_000)
    steps.append(rig.report(running=" ".join(f"t{number}" for number in range(200)), received=200))
    steps += rig.read()

    assert ends(*steps) == []


def test_a_doubt_that_came_back_late_spares_the_worker_once(rig: DispatchRig) -> None:
    """The log was away for a minute, so the worker could not write either."""
    rig.reads_at_once = False
    rig.announce()
    rig.enqueue("t1")
    rig.wait(10_000)
    first = list(rig.unread)
    rig.now += 3_000

    assert ends(*rig.read()) == []
    rig.unread = first
    assert ends(*rig.read()) == [], "a repeated doubt is not a second one"
    rig.reads_at_once = True
    assert ends(*rig.wait(10_000)) == [("t1", "lost")]


def test_a_draining_worker_gets_nothing_and_what_it_returns_goes_first(rig: DispatchRig) -> None:
    rig.announce("w1", slots=3)
    for name in ("t1", "t2", "t3", "t4"):
        rig.enqueue(name)

    assert ends(rig.drain("w1", returned="t2 t3")) == []
    rig.enqueue("t5")

    assert runs(rig.announce("w2", slots=9)) == ["t2", "t3", "t4", "t5"]
    assert ends(rig.report("w1", ended="t1")) == []
