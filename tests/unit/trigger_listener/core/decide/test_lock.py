"""A trigger is locked while its execution runs."""

from __future__ import annotations

from contracts.execution import CheckExecution
from services.trigger_listener.core.turn import CHECK_MS
from tests.support.rig import messages
from tests.support.rig.triggers import KEY, TriggerRig, dates, events, starts


def test_a_trigger_is_locked_until_its_execution_ended(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", allowConcurrent=False)

    (first,) = rig.until("2026-03-01T11:30:00+00:00")
    assert first.trigger_key == KEY

    assert starts(rig.unlock("somebody else")) == []
    (second,) = starts(rig.unlock(first.execution_id))
    (third,) = starts(rig.unlock(second.execution_id))
    assert dates([first, second, third]) == [
        "2026-03-01T09:00:00Z",
        "2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00Z",
    ], "late dates run one by one"
    assert starts(rig.unlock(third.execution_id)) == []
    assert dates(rig.until("2026-03-01T12:00:00+00:00")) == ["2026-03-01T12:00:00Z"]


def test_late_dates_of_a_locked_trigger_run_under_any_recovery(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", allowConcurrent=False, recoverMissedSchedules="NONE")
    (first,) = rig.until("2026-03-01T11:30:00+00:00")

    (second,) = starts(rig.unlock(first.execution_id))

    assert dates([second]) == ["2026-03-01T10:00:00Z"]


def test_an_operator_unlocks_without_naming_the_execution(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.until("2026-03-01T10:00:00+00:00")

    step = rig.unlock(None)

    assert events(step) == ["trigger.unlocked.v1"]
    assert len(rig.until("2026-03-02T09:00:00+00:00")) == 1


def test_stop_after_disables_the_trigger(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False, stopAfter=["FAILED"])
    (start,) = rig.until("2026-03-01T09:00:00+00:00")

    assert events(rig.unlock(start.execution_id, "FAILED")) == [
        "trigger.unlocked.v1",
        "trigger.disabled_set.v1",
    ]
    assert rig.until("2026-03-05T09:00:00+00:00") == []


def test_while_a_trigger_is_locked_its_execution_is_asked_for(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", allowConcurrent=False)
    (first,) = rig.until("2026-03-01T09:00:00+00:00")

    asked = [each for step in rig.wait(2 * CHECK_MS) for each in messages(step.outbox, CheckExecution)]

    assert [(each.execution_id, each.trigger_key) for each in asked] == [(first.execution_id, KEY)] * 2
    rig.unlock(first.execution_id)
    assert dates(rig.until("2026-03-01T10:00:00+00:00")) == ["2026-03-01T10:00:00Z"]
    rig.unlock(None)
    assert [step for step in rig.wait(2 * CHECK_MS) if step.outbox] == []
