"""Backfills: each date of the range once, in order, while the schedule itself waits."""

from __future__ import annotations

import pytest

from contracts.execution import StartExecution
from contracts.machine import TimerDue
from contracts.trigger import TriggerBackfillEnded, TriggerBackfillSkipped
from tests.support.rig.triggers import KEY, TriggerRig, code, dates, millis, starts

JANUARY = ("2026-01-01T00:00:00+00:00", "2026-01-04T09:00:00+00:00")
DAYS = [f"2026-01-0{day}T09:00:00Z" for day in range(1, 5)]


def run(rig: TriggerRig, found: list[StartExecution]) -> list[StartExecution]:
    """Let each execution end at once, and return all of them."""
    done: list[StartExecution] = []
    while found:
        done += found
        (last,) = found
        found = starts(rig.unlock(last.execution_id)) or rig.settled()
    return done


def ended(rig: TriggerRig) -> list[bool]:
    return [
        event.finished
        for step in rig.steps
        for event in step.events
        if isinstance(event, TriggerBackfillEnded)
    ]


def test_every_date_runs_once_in_order_each_after_the_one_before_it(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    assert code(rig.backfill(*JANUARY)) == "ok"

    found = rig.settled()

    assert dates(found) == DAYS[:1], "the next one waits for its end"
    assert dates(run(rig, found)) == DAYS
    assert ended(rig) == [True]
    assert rig.next_at == millis("2026-03-01T09:00:00+00:00")
    assert dates(rig.until("2026-03-01T09:00:00+00:00")) == ["2026-03-01T09:00:00Z"]


def test_both_ends_are_in_it(rig: TriggerRig) -> None:
    rig.define()

    rig.backfill("2026-01-01T09:00:00+00:00", "2026-01-02T09:00:00+00:00")

    assert dates(rig.settled()) == DAYS[:2]


def test_dates_are_those_of_the_zone_of_the_schedule() -> None:
    rig = TriggerRig("2026-04-01T00:00:00+00:00")
    rig.define(timezone="Europe/Berlin")

    rig.backfill("2026-03-28T09:00:00+01:00", "2026-03-29T09:00:00+02:00")

    assert dates(rig.settled()) == ["2026-03-28T09:00:00+01:00", "2026-03-29T09:00:00+02:00"]


def test_its_inputs_and_labels_come_after_those_of_the_trigger(rig: TriggerRig) -> None:
    rig.define(
        inputs={"taxi": "green", "day": "{{ trigger.date | date('dd') }}"},
        labels={"kind": "daily", "team": "a"},
    )

    rig.backfill(
        "2026-01-02T00:00:00+00:00",
        "2026-01-02T23:00:00+00:00",
        inputs={"taxi": "yellow", "month": "{{ trigger.date | date('MM') }}"},
        labels={"kind": "backfill"},
    )
    (start,) = rig.settled()

    assert start.inputs == {"taxi": "yellow", "day": "02", "month": "01"}
    assert start.labels == {"kind": "backfill", "team": "a"}
    assert start.trigger is not None
    assert start.trigger.variables == {
        "date": "2026-01-02T09:00:00Z",
        "next": "2026-01-03T09:00:00Z",
        "previous": "2026-01-01T09:00:00Z",
    }


def test_a_date_that_ran_before_runs_again_as_another_execution(rig: TriggerRig) -> None:
    rig.define()
    (before,) = rig.until("2026-03-01T09:00:00+00:00")

    rig.backfill("2026-03-01T09:00:00+00:00", "2026-03-01T09:00:00+00:00")
    (again,) = rig.settled()

    assert dates([before]) == dates([again])
    assert before.execution_id != again.execution_id


def test_the_schedule_waits_and_loses_nothing(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False, recoverMissedSchedules="NONE")
    rig.backfill(*JANUARY)
    found = rig.settled()

    assert rig.until("2026-03-02T10:00:00+00:00") == []

    assert dates(run(rig, found)) == [*DAYS, "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"]


def test_a_slot_of_the_schedule_that_the_backfill_runs_does_not_run_again(rig: TriggerRig) -> None:
    rig.define()

    rig.backfill("2026-02-28T00:00:00+00:00", "2026-03-02T10:00:00+00:00")

    assert dates(rig.until("2026-03-03T10:00:00+00:00")) == [
        "2026-02-28T09:00:00Z",
        "2026-03-01T09:00:00Z",
        "2026-03-02T09:00:00Z",
        "2026-03-03T09:00:00Z",
    ]


def test_a_backfill_of_the_future_lets_the_schedule_go_on_until_then(rig: TriggerRig) -> None:
    rig.define()

    rig.backfill("2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00", labels={"of": "backfill"})
    found = rig.until("2026-03-04T09:00:00+00:00")

    assert dates(found) == [f"2026-03-0{day}T09:00:00Z" for day in range(1, 5)]
    assert [bool(start.labels) for start in found] == [False, False, True, False]


def test_the_maximum_delay_and_missed_dates_do_not_count(rig: TriggerRig) -> None:
    rig.define(lateMaximumDelay="PT1H", recoverMissedSchedules="NONE")

    rig.backfill(*JANUARY)

    assert dates(rig.until("2026-03-01T08:30:00+00:00", away=True)) == DAYS


def test_a_date_whose_condition_is_false_is_passed_over(rig: TriggerRig) -> None:
    rig.define(when="{{ trigger.date | date('dd') != '02' }}")

    rig.backfill(*JANUARY)

    assert dates(rig.settled()) == [DAYS[0], *DAYS[2:]]


def test_pausing_stops_it_and_continuing_goes_on_where_it_was(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY)
    (first,) = rig.settled()

    assert code(rig.change_backfill("pause")) == "ok"
    assert code(rig.change_backfill("pause")) == "unchanged"
    assert starts(rig.unlock(first.execution_id)) == []
    assert rig.until("2026-03-01T12:00:00+00:00") == [], "neither does the schedule run"

    assert code(rig.change_backfill("continue")) == "ok"
    assert dates(run(rig, rig.settled())) == [*DAYS[1:], "2026-03-01T09:00:00Z"]


def test_deleting_gives_the_schedule_its_date_back(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY)
    (first,) = rig.settled()

    assert code(rig.change_backfill("delete")) == "ok"

    assert starts(rig.unlock(first.execution_id)) == []
    assert ended(rig) == [False]
    assert dates(rig.until("2026-03-01T09:00:00+00:00")) == ["2026-03-01T09:00:00Z"]


def test_a_disabled_trigger_makes_no_progress(rig: TriggerRig) -> None:
    rig.define()
    rig.set_disabled(True)
    rig.backfill(*JANUARY)

    assert rig.settled() == []

    rig.set_disabled(False)
    assert dates(rig.settled()) == DAYS


def test_a_state_of_stop_after_stops_the_backfill_too(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False, stopAfter=["FAILED"])
    rig.backfill(*JANUARY)
    (first,) = rig.settled()

    assert starts(rig.unlock(first.execution_id, "FAILED")) == []
    assert rig.settled() == []


@pytest.mark.parametrize("change", ["pause", "continue", "delete"])
def test_without_a_backfill_there_is_nothing_to_change(rig: TriggerRig, change: str) -> None:
    rig.define()

    assert code(rig.change_backfill(change)) == "invalid"


def test_there_is_one_at_a_time(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY)

    assert code(rig.backfill(*JANUARY)) == "conflict"


def test_a_range_without_a_date_is_refused(rig: TriggerRig) -> None:
    rig.define()

    assert code(rig.backfill("2026-01-01T09:00:01+00:00", "2026-01-02T08:59:59+00:00")) == "invalid"


def test_a_trigger_without_dates_has_no_backfill(rig: TriggerRig) -> None:
    rig.define(cron="nonsense")

    assert code(rig.backfill(*JANUARY)) == "conflict"


def test_an_unknown_trigger_has_none(rig: TriggerRig) -> None:
    assert code(rig.backfill(*JANUARY)) == "missing"


def test_a_save_keeps_it_and_a_new_line_moves_it_to_its_own_dates(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY)
    (first,) = rig.settled()

    rig.define(allowConcurrent=False, cron="0 12 * * *")

    (second,) = starts(rig.unlock(first.execution_id))
    assert dates([second]) == ["2026-01-02T12:00:00Z"]
    assert second.revision == 2


def test_a_save_without_a_readable_line_ends_it(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY)

    rig.define(cron="nonsense")

    assert ended(rig) == [False]


def test_a_bug_passes_over_the_date_and_the_backfill_goes_on(rig: TriggerRig) -> None:
    rig.define()
    rig.backfill(*JANUARY)

    step = rig.when_it_raised(TimerDue(KEY, rig.timers.pop(KEY)), "ZeroDivisionError")

    (event,) = step.events
    assert isinstance(event, TriggerBackfillSkipped)
    assert "ZeroDivisionError" in event.reason
    assert dates(rig.settled()) == DAYS[1:]


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_restart_in_its_middle_changes_nothing(rig: TriggerRig, *, snapshot: bool) -> None:
    rig.define(allowConcurrent=False)
    rig.backfill(*JANUARY, inputs={"a": 1}, labels={"b": "c"})
    (first,) = rig.settled()
    rig.assert_rebuilds()

    rig.restart(snapshot=snapshot)

    (second,) = starts(rig.unlock(first.execution_id))
    assert dates([second]) == DAYS[1:2]
    assert (second.inputs, second.labels) == ({"a": 1}, {"b": "c"})
