"""Places for light attempts: who gets them, when they come back, and what the borrowers are told."""

from __future__ import annotations

from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.machine import Step
from contracts.work import AskAnnouncement, AttemptKey, HeldAttempt, StopAttempt
from tests.support.rig import messages
from tests.support.rig.dispatch import DispatchRig, merged, runs


def granted(step: Step) -> list[tuple[int | None, str, int]]:
    """Return to which partition how many places of which worker were lent."""
    return [
        (out.partition, out.message.worker_id, out.message.slots)
        for out in step.outbox
        if isinstance(out.message, LeaseGranted)
    ]


def revoked(step: Step) -> list[tuple[int | None, int, list[AttemptKey]]]:
    return [
        (out.partition, out.message.lease, out.message.held)
        for out in step.outbox
        if isinstance(out.message, LeaseRevoked)
    ]


def held(lease: int, task_run: str) -> HeldAttempt:
    return HeldAttempt(lease, f"e-{task_run}", task_run, 1)


def test_a_partition_that_lacks_places_gets_a_share_of_each_worker(rig: DispatchRig) -> None:
    rig.announce("w1", slots=4, light=64, session="s1", first=True)
    rig.announce("w2", slots=4, light=32, session="s2", first=True)
    step = rig.enqueue("a", borrower=3)
    assert runs(step) == ["a"], "this one still goes the long way"
    assert granted(step) == [(3, "w1", 4), (3, "w2", 2)]
    assert {out.topic for out in step.outbox if isinstance(out.message, LeaseGranted)} == {
        "executions.reports"
    }
    rig.assert_rebuilds()


def test_a_partition_that_has_its_share_gets_no_more(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    assert granted(rig.enqueue("b", borrower=3)) == []
    assert granted(rig.enqueue("c", borrower=4)) == [(4, "w1", 4)]


def test_no_more_places_are_lent_than_a_worker_has(rig: DispatchRig) -> None:
    rig.announce(slots=40, light=3, session="s1", first=True)
    steps = [rig.enqueue(f"t{number}", borrower=number) for number in range(5)]
    assert [granted(step) for step in steps] == [[(n, "w1", 1)] for n in range(3)] + [[], []]


def test_heavy_attempts_and_workers_without_sessions_get_no_lease(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    assert granted(rig.enqueue("heavy")) == []
    rig.announce("foreign", slots=4, light=64)
    assert granted(rig.enqueue("a", borrower=1)) == [(1, "w1", 4)]


def test_a_worker_that_joins_lends_to_those_who_borrow_already(rig: DispatchRig) -> None:
    rig.announce("w1", slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    step = rig.announce("w2", slots=4, light=64, session="s2", first=True)
    assert granted(step) == [(3, "w2", 4)]


def test_a_lost_worker_ends_its_leases_and_nothing_is_held(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    step = merged(*rig.wait(10_000))
    assert revoked(step) == [(3, 1, [])]
    (message,) = messages(step.outbox, LeaseRevoked)
    assert message.reason == "worker w1 was silent for 10 s"
    rig.assert_rebuilds()


def test_a_forgotten_worker_begins_a_new_session_before_it_joins_again(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    rig.wait(10_000)
    (asked,) = messages(rig.report(running="a", session="s1").outbox, AskAnnouncement)
    assert asked.anew
    early = rig.announce(slots=4, light=64, session="s1", running="a")
    assert [message.anew for message in messages(early.outbox, AskAnnouncement)] == [True]
    assert not early.events, "what was sent in this session may still arrive"
    step = rig.announce(slots=4, light=64, session="s2", first=True, held=[held(1, "x")])
    assert [stop.task_run_id for stop in messages(step.outbox, StopAttempt)] == ["x"], "it was declared lost"
    rig.assert_rebuilds()


def test_what_an_orphan_takes_is_free_when_the_worker_names_it_no_more(rig: DispatchRig) -> None:
    rig.announce(slots=1, light=64, session="s1", first=True, held=[held(9, "x")])
    assert runs(rig.enqueue("a")) == []
    assert runs(rig.report(running="", session="s1", held=[held(9, "x")])) == []
    assert runs(rig.report(running="", session="s1")) == ["a"]


def test_a_new_session_ends_leases_but_not_what_the_worker_holds(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    rig.enqueue("b", borrower=5)
    step = rig.announce(
        slots=4, light=64, session="s2", first=True, running="a b", held=[held(1, "x")], received=2
    )
    assert revoked(step) == [(3, 1, [AttemptKey("x", 1)]), (5, 2, [])]
    assert granted(step) == [(3, "w1", 4), (5, "w1", 4)]
    assert not messages(step.outbox, StopAttempt)
    rig.assert_rebuilds()

    gone = rig.drain(gone=True)
    assert (3, 1, []) in revoked(gone), "what the worker held is lost with it"


def test_an_ended_lease_is_forgotten_when_nothing_under_it_is_held(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    rig.announce(slots=4, light=64, session="s2", first=True, running="a", held=[held(1, "x")], received=1)
    rig.report(running="a", session="s1", received=1)  # from before, and late
    rig.report(running="a", session="s2", held=[held(1, "x")], received=1)
    assert 1 in rig.machine.state.group("default").workers["w1"].leases
    rig.report(running="a", session="s2", received=1)
    assert list(rig.machine.state.group("default").workers["w1"].leases) == [2]


def test_a_heartbeat_of_another_session_is_answered_with_a_question(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    (asked,) = messages(rig.report(running="", session="s2").outbox, AskAnnouncement)
    assert not asked.anew


def test_a_draining_worker_ends_its_leases_and_keeps_what_it_holds(rig: DispatchRig) -> None:
    rig.announce(slots=4, light=64, session="s1", first=True)
    rig.enqueue("a", borrower=3)
    step = rig.drain(held=[held(1, "x")])
    assert revoked(step) == [(3, 1, [AttemptKey("x", 1)])]
    assert granted(rig.enqueue("b", borrower=4)) == []
    assert revoked(rig.drain(gone=True)) == [(3, 1, [])]
