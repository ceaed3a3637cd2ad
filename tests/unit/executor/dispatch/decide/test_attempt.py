"""The executor's commands: an attempt runs once, and a withdrawal is always answered."""

from __future__ import annotations

from tests.support.rig import is_nothing
from tests.support.rig.dispatch import DispatchRig, ends, runs, stops


def test_the_same_attempt_again_changes_nothing(rig: DispatchRig) -> None:
    rig.enqueue("queued")
    assert is_nothing(rig.enqueue("queued"))

    rig.announce()
    assert is_nothing(rig.enqueue("queued"))

    rig.report(ended="queued")
    assert is_nothing(rig.enqueue("queued"))


def test_the_next_attempt_of_a_task_run_is_another_attempt(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.report(ended="t1")

    assert runs(rig.enqueue("t1", number=2)) == ["t1"]


def test_a_queued_attempt_is_withdrawn_and_never_runs(rig: DispatchRig) -> None:
    rig.enqueue("t1")

    assert ends(rig.withdraw("t1")) == [("t1", "cancelled")]
    assert runs(rig.announce()) == []
    assert is_nothing(rig.enqueue("t1"))


def test_a_running_attempt_is_stopped_again_and_again_until_it_ended(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")

    assert stops(rig.withdraw("t1")) == [("e-t1", "t1")]
    assert stops(rig.withdraw("t1")) == [], "one request is enough, because the timer repeats it"
    assert stops(*rig.wait(4_000)) == [("e-t1", "t1")] * 2

    step = rig.report(ended="t1")
    assert ends(step) == [], "the worker told the executor itself"
    assert not [name for name in rig.timers if "t1" in name]


def test_withdrawing_an_unknown_attempt_is_answered_and_remembered(rig: DispatchRig) -> None:
    assert ends(rig.withdraw("t1")) == [("t1", "cancelled")]
    assert is_nothing(rig.enqueue("t1"))
    assert ends(rig.withdraw("t1")) == [("t1", "cancelled")]
