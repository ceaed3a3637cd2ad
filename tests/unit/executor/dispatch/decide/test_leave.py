"""Attempts that end without a report of their worker."""

from __future__ import annotations

from tests.support.rig.dispatch import DispatchRig, ends


def test_a_worker_that_is_gone_lost_what_it_did_not_return(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.enqueue("t2")

    step = rig.drain(returned="t1", gone=True)

    assert ends(step) == [("t2", "lost")]
    assert rig.timers == {}


def test_a_withdrawn_attempt_of_a_lost_worker_is_cancelled_not_retried(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.withdraw("t1")

    steps = rig.wait(30_000)

    assert ends(*steps) == [("t1", "cancelled")]
    assert rig.timers == {}


def test_a_returned_attempt_that_was_being_stopped_is_cancelled(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.withdraw("t1")

    assert ends(rig.drain(returned="t1", gone=True)) == [("t1", "cancelled")]
