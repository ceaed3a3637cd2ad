"""A source that is subscribed to: a poll that waits for events is always out, and the next one says what was accepted."""

from __future__ import annotations

import pytest

from contracts.execution import Outcome
from contracts.polling import FoundEvent
from contracts.states import State
from contracts.trigger import SetTriggerDisabled, TriggerEvaluated, UnlockTrigger
from contracts.work import RunAttempt, WithdrawAttempt
from services.trigger_listener.core.decide.poll import AGAIN_MS, BREATH_MS
from tests.support.rig import messages
from tests.support.rig.polls import STREAM, PollRig, attempts
from tests.support.rig.triggers import KEY, NAMES, events, starts

WAITED_MS = 30_000


@pytest.fixture
def rig() -> PollRig:
    return PollRig()


def accepted(run: RunAttempt) -> list[str]:
    assert run.poll is not None
    return run.poll.accepted


def test_each_event_starts_an_execution_and_the_next_poll_follows_at_once_and_acknowledges_them(
    rig: PollRig,
) -> None:
    rig.poll_with(of=STREAM)
    first = rig.asked()

    step = rig.report(first, FoundEvent("m1", {"value": 1}), FoundEvent("m2", {"value": 2}))

    assert [start.trigger.variables for start in starts(step) if start.trigger] == [
        {"value": 1},
        {"value": 2},
    ]
    (second,) = attempts(*rig.wait(0))
    assert accepted(second) == ["m1", "m2"]


def test_executions_do_not_hold_up_the_next_events(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    rig.report(rig.asked(), FoundEvent("m1", {}))
    assert len(starts(rig.report(rig.asked(), FoundEvent("m2", {})))) == 1


def test_an_event_that_is_given_again_starts_nothing(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    rig.report(rig.asked(), FoundEvent("m1", {}))
    assert starts(rig.report(rig.asked(), FoundEvent("m1", {}))) == []


def test_what_conditions_refuse_is_acknowledged_too(rig: PollRig) -> None:
    rig.poll_with(of=STREAM, when="{{ trigger.value > 1 }}")

    step = rig.report(rig.asked(), FoundEvent("m1", {"value": 1}), FoundEvent("m2", {"value": 2}))

    assert len(starts(step)) == 1
    assert accepted(rig.asked()) == ["m1", "m2"]


def test_what_a_condition_fails_on_is_acknowledged_too(rig: PollRig) -> None:
    rig.poll_with(of=STREAM, when="{{ trigger.missing > 1 }}")

    step = rig.report(rig.asked(), FoundEvent("m1", {}))

    assert starts(step) == []
    (ended,) = step.events
    assert isinstance(ended, TriggerEvaluated)
    assert "missing" in ended.problem
    assert accepted(rig.asked()) == ["m1"]


def test_one_that_waited_without_news_is_asked_again_at_once(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    run = rig.asked()
    rig.wait(WAITED_MS)
    rig.report(run)
    assert len(attempts(*rig.wait(0))) == 1


def test_one_that_ends_at_once_without_news_does_not_spin(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    rig.report(rig.asked())
    assert attempts(*rig.wait(BREATH_MS - 1)) == []
    assert len(attempts(*rig.wait(1))) == 1


@pytest.mark.parametrize(
    ("outcome", "unserved", "pause"),
    [("lost", False, BREATH_MS), ("failed", False, AGAIN_MS), ("failed", True, AGAIN_MS)],
)
def test_after_a_failure_there_is_a_pause(rig: PollRig, outcome: Outcome, unserved: bool, pause: int) -> None:
    rig.poll_with(of=STREAM)
    rig.report(rig.asked(), outcome=outcome, unserved=unserved, message="no")
    assert attempts(*rig.wait(pause - 1)) == []
    assert len(attempts(*rig.wait(1))) == 1


def test_a_new_revision_replaces_the_poll_that_is_out(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    run = rig.asked()

    step = rig.poll_with(of=STREAM, inputs={"a": "b"})

    assert [each.task_run_id for each in messages(step.outbox, WithdrawAttempt)] == [run.task_run_id]
    rig.report(run, outcome="cancelled")
    (following,) = attempts(*rig.wait(BREATH_MS))
    assert following.revision == 2


def test_disabled_it_asks_nothing_more_and_keeps_what_was_accepted(rig: PollRig) -> None:
    rig.poll_with(of=STREAM)
    rig.report(rig.asked(), FoundEvent("m1", {}))
    run = rig.asked()

    step = rig.when(SetTriggerDisabled(**NAMES, at=rig.now, disabled=True))

    assert len(messages(step.outbox, WithdrawAttempt)) == 1
    assert events(rig.report(run, outcome="cancelled")) == ["trigger.evaluated.v1"]
    assert attempts(*rig.wait(WAITED_MS)) == []
    rig.when(SetTriggerDisabled(**NAMES, at=rig.now, disabled=False))
    assert accepted(rig.asked()) == ["m1"]


def test_stop_after_disables_it_though_its_executions_do_not_lock_it(rig: PollRig) -> None:
    rig.poll_with(of=STREAM, stopAfter=["FAILED"])
    (start,) = starts(rig.report(rig.asked(), FoundEvent("m1", {})))
    run = rig.asked()

    step = rig.when(UnlockTrigger(**NAMES, at=rig.now, execution_id=start.execution_id, state=State.FAILED))

    assert start.trigger_key == KEY
    assert events(step) == ["trigger.disabled_set.v1"]
    assert [each.task_run_id for each in messages(step.outbox, WithdrawAttempt)] == [run.task_run_id]
