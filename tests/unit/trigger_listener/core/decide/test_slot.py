"""Slots fire, or are passed over."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.scalars import derive_id
from contracts.trigger import TriggerFired, TriggerSkipped
from tests.support.rig.triggers import KEY, TriggerRig, dates, millis


def test_a_slot_starts_one_execution_with_its_dates() -> None:
    rig = TriggerRig("2026-03-01T07:00:00+00:00")
    rig.define(timezone="Europe/Berlin")

    (start,) = rig.until("2026-03-01T08:00:00.500+00:00")

    assert start.execution_id == derive_id("schedule", KEY, str(millis("2026-03-01T09:00:00+01:00")))
    assert (start.namespace, start.flow_id, start.revision) == ("company.team", "hello", 1)
    assert start.trigger is not None
    assert start.trigger.variables == {
        "date": "2026-03-01T09:00:00+01:00",
        "next": "2026-03-02T09:00:00+01:00",
        "previous": "2026-02-28T09:00:00+01:00",
    }
    assert start.trigger_key is None, "allowConcurrent: it is not locked"


def test_a_slot_is_due_at_its_time_and_not_before() -> None:
    rig = TriggerRig("2026-03-01T08:00:00+00:00")
    rig.define()

    assert rig.until("2026-03-01T08:59:59.999+00:00") == []
    assert len(rig.until("2026-03-01T09:00:00+00:00")) == 1


def test_inputs_and_labels_are_rendered_over_the_trigger(rig: TriggerRig) -> None:
    rig.define(
        inputs={"day": "{{ trigger.date | date('yyyy-MM-dd') }}", "many": 3, "flow": "{{ flow.id }}"},
        labels=[{"key": "day", "value": "{{ trigger.date | date('dd') }}"}],
    )

    (start,) = rig.until("2026-03-01T09:00:00+00:00")

    assert start.inputs == {"day": "2026-03-01", "many": 3, "flow": "hello"}
    assert start.labels == {"day": "01"}
    assert start.failure == ""


def test_inputs_that_do_not_render_start_an_execution_that_fails(rig: TriggerRig) -> None:
    rig.define(inputs={"a": "{{ nobody.knows }}"})

    (start,) = rig.until("2026-03-01T09:00:00+00:00")

    assert start.inputs == {"a": "{{ nobody.knows }}"}
    assert "nobody" in start.failure


@pytest.mark.parametrize("key", ["conditions", "scheduleConditions"])
def test_a_slot_on_a_day_without_its_conditions_is_passed_over(rig: TriggerRig, key: str) -> None:
    monday = {"type": "io.kestra.plugin.core.condition.DayWeek", "dayOfWeek": "MONDAY"}
    properties: dict[str, Any] = {key: [monday]}
    rig.define(**properties)

    starts = rig.until("2026-03-10T09:00:00+00:00")

    assert dates(starts) == ["2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z"]


def test_a_false_condition_passes_over_the_slot_and_time_goes_on(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", when="{{ trigger.date | date('HH') == '10' }}")

    found = rig.until("2026-03-01T12:00:00+00:00")

    assert dates(found) == ["2026-03-01T10:00:00Z"]


@pytest.mark.parametrize(
    ("recovery", "expected"),
    [
        (None, ["09", "10", "11"]),
        ("ALL", ["09", "10", "11"]),
        ("LAST", ["11"]),
        ("NONE", []),
    ],
)
def test_slots_missed_while_we_were_away(rig: TriggerRig, recovery: str | None, expected: list[str]) -> None:
    rig.define(cron="0 * * * *", recoverMissedSchedules=recovery)

    found = rig.until("2026-03-01T11:30:00+00:00", away=True)

    assert dates(found) == [f"2026-03-01T{hour}:00:00Z" for hour in expected]
    assert dates(rig.until("2026-03-01T12:00:00+00:00")) == ["2026-03-01T12:00:00Z"]


def test_a_short_restart_misses_nothing_under_any_recovery(rig: TriggerRig) -> None:
    rig.define(recoverMissedSchedules="NONE")

    assert len(rig.until("2026-03-01T09:00:20+00:00", away=True)) == 1


def test_dates_older_than_the_maximum_delay_are_passed_over(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", lateMaximumDelay="PT1H")

    found = rig.until("2026-03-01T12:30:00+00:00", away=True)

    assert dates(found) == ["2026-03-01T12:00:00Z"]
    (skipped,) = [event for step in rig.steps for event in step.events if isinstance(event, TriggerSkipped)]
    assert skipped.slot_at == millis("2026-03-01T09:00:00+00:00")
    assert "lateMaximumDelay" in skipped.reason


def test_the_event_of_a_slot_names_it_and_the_next(rig: TriggerRig) -> None:
    rig.define()

    rig.until("2026-03-01T09:00:00+00:00")

    (fired,) = [event for step in rig.steps for event in step.events if isinstance(event, TriggerFired)]
    assert fired.slot_at == millis("2026-03-01T09:00:00+00:00")
    assert fired.next_at == millis("2026-03-02T09:00:00+00:00")
