from __future__ import annotations

from typing import Any

import pytest

from contracts.language.types.trigger.webhook import WEBHOOK
from contracts.machine import Step, TimerDue
from contracts.message import type_of
from contracts.scalars import derive_id
from contracts.trigger import DefineTrigger, TriggerDefined, TriggerFired, TriggerSkipped
from services.trigger_listener.core.machine import TriggerMachine
from tests.unit.trigger_listener.stage import KEY, NAMES, Stage, code, dates, millis, starts


@pytest.fixture
def stage() -> Stage:
    return Stage()


def events(*steps: Step) -> list[str]:
    return [type_of(event) for step in steps for event in step.events]


# ---- firing


def test_a_slot_starts_one_execution_with_its_dates() -> None:
    stage = Stage("2026-03-01T07:00:00+00:00")
    stage.define(timezone="Europe/Berlin")

    (start,) = stage.until("2026-03-01T08:00:00.500+00:00")

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
    stage = Stage("2026-03-01T08:00:00+00:00")
    stage.define()

    assert stage.until("2026-03-01T08:59:59.999+00:00") == []
    assert len(stage.until("2026-03-01T09:00:00+00:00")) == 1


def test_inputs_and_labels_are_rendered_over_the_trigger(stage: Stage) -> None:
    stage.define(
        inputs={"day": "{{ trigger.date | date('yyyy-MM-dd') }}", "many": 3, "flow": "{{ flow.id }}"},
        labels=[{"key": "day", "value": "{{ trigger.date | date('dd') }}"}],
    )

    (start,) = stage.until("2026-03-01T09:00:00+00:00")

    assert start.inputs == {"day": "2026-03-01", "many": 3, "flow": "hello"}
    assert start.labels == {"day": "01"}
    assert start.failure == ""


def test_inputs_that_do_not_render_start_an_execution_that_fails(stage: Stage) -> None:
    stage.define(inputs={"a": "{{ nobody.knows }}"})

    (start,) = stage.until("2026-03-01T09:00:00+00:00")

    assert start.inputs == {"a": "{{ nobody.knows }}"}
    assert "nobody" in start.failure


def test_a_false_condition_passes_over_the_slot_and_time_goes_on(stage: Stage) -> None:
    stage.define(cron="0 * * * *", when="{{ trigger.date | date('HH') == '10' }}")

    found = stage.until("2026-03-01T12:00:00+00:00")

    assert dates(found) == ["2026-03-01T10:00:00Z"]


def test_a_trigger_is_locked_until_its_execution_ended(stage: Stage) -> None:
    stage.define(cron="0 * * * *", allowConcurrent=False)

    (first,) = stage.until("2026-03-01T11:30:00+00:00")
    assert first.trigger_key == KEY

    assert starts(stage.unlock("somebody else")) == []
    (second,) = starts(stage.unlock(first.execution_id))
    (third,) = starts(stage.unlock(second.execution_id))
    assert dates([first, second, third]) == [
        "2026-03-01T09:00:00Z",
        "2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00Z",
    ], "late dates run one by one"
    assert starts(stage.unlock(third.execution_id)) == []
    assert dates(stage.until("2026-03-01T12:00:00+00:00")) == ["2026-03-01T12:00:00Z"]


def test_late_dates_of_a_locked_trigger_run_whatever_is_recovered(stage: Stage) -> None:
    stage.define(cron="0 * * * *", allowConcurrent=False, recoverMissedSchedules="NONE")
    (first,) = stage.until("2026-03-01T11:30:00+00:00")

    (second,) = starts(stage.unlock(first.execution_id))

    assert dates([second]) == ["2026-03-01T10:00:00Z"]


def test_an_operator_unlocks_without_naming_the_execution(stage: Stage) -> None:
    stage.define(allowConcurrent=False)
    stage.until("2026-03-01T10:00:00+00:00")

    step = stage.unlock(None)

    assert events(step) == ["trigger.unlocked.v1"]
    assert len(stage.until("2026-03-02T09:00:00+00:00")) == 1


def test_stop_after_disables_the_trigger(stage: Stage) -> None:
    stage.define(allowConcurrent=False, stopAfter=["FAILED"])
    (start,) = stage.until("2026-03-01T09:00:00+00:00")

    assert events(stage.unlock(start.execution_id, "FAILED")) == [
        "trigger.unlocked.v1",
        "trigger.disabled_set.v1",
    ]
    assert stage.until("2026-03-05T09:00:00+00:00") == []


# ---- away


@pytest.mark.parametrize(
    ("recovery", "expected"),
    [
        (None, ["09", "10", "11"]),
        ("ALL", ["09", "10", "11"]),
        ("LAST", ["11"]),
        ("NONE", []),
    ],
)
def test_slots_missed_while_we_were_away(stage: Stage, recovery: str | None, expected: list[str]) -> None:
    stage.define(cron="0 * * * *", recoverMissedSchedules=recovery)

    found = stage.until("2026-03-01T11:30:00+00:00", away=True)

    assert dates(found) == [f"2026-03-01T{hour}:00:00Z" for hour in expected]
    assert dates(stage.until("2026-03-01T12:00:00+00:00")) == ["2026-03-01T12:00:00Z"]


def test_a_short_restart_misses_nothing_whatever_is_recovered(stage: Stage) -> None:
    stage.define(recoverMissedSchedules="NONE")

    assert len(stage.until("2026-03-01T09:00:20+00:00", away=True)) == 1


def test_dates_older_than_the_maximum_delay_are_passed_over(stage: Stage) -> None:
    stage.define(cron="0 * * * *", lateMaximumDelay="PT1H")

    found = stage.until("2026-03-01T12:30:00+00:00", away=True)

    assert dates(found) == ["2026-03-01T12:00:00Z"]
    (skipped,) = [event for step in stage.steps for event in step.events if isinstance(event, TriggerSkipped)]
    assert skipped.slot_at == millis("2026-03-01T09:00:00+00:00")
    assert "lateMaximumDelay" in skipped.reason


# ---- saving


def test_the_first_slot_is_after_the_save_however_late_we_read_it(stage: Stage) -> None:
    message = DefineTrigger(
        **NAMES,
        revision=1,
        trigger_type="io.kestra.plugin.core.trigger.Schedule",
        definition={"cron": "0 9 * * *"},
        at=millis("2026-03-01T08:59:59+00:00"),
    )
    stage.now = millis("2026-03-01T09:00:05+00:00")

    stage.step(message)

    assert dates(stage.until("2026-03-01T09:00:06+00:00")) == ["2026-03-01T09:00:00Z"]


def test_a_save_with_the_same_cron_keeps_the_next_date(stage: Stage) -> None:
    stage.define(inputs={"a": "old"})
    stage.now = millis("2026-03-01T09:00:00.001+00:00")
    stage.define(inputs={"a": "new"})

    assert dates(stage.until("2026-03-01T09:00:01+00:00")) == []
    assert dates(starts(*stage.steps)) == ["2026-03-01T09:00:00Z"]
    assert stage.next_at == millis("2026-03-02T09:00:00+00:00")


def test_a_save_with_another_cron_at_the_due_moment_loses_nothing(stage: Stage) -> None:
    stage.define()
    stage.now = millis("2026-03-01T09:00:00+00:00")

    step = stage.define(cron="0 17 * * *")

    assert dates(starts(step)) == ["2026-03-01T09:00:00Z"]
    assert stage.next_at == millis("2026-03-01T17:00:00+00:00")


def test_another_cron_counts_from_the_save(stage: Stage) -> None:
    stage.define()

    stage.define(cron="30 8 * * *")

    assert dates(stage.until("2026-03-01T10:00:00+00:00")) == ["2026-03-01T08:30:00Z"]


def test_a_revision_that_we_know_changes_nothing(stage: Stage) -> None:
    stage.define()
    stage.revision -= 1

    step = stage.define(cron="30 8 * * *")

    assert (step.events, step.outbox, step.timers) == ([], [], [])


def test_a_removed_trigger_fires_no_more(stage: Stage) -> None:
    stage.define()

    assert events(stage.remove()) == ["trigger.removed.v1"]
    assert stage.until("2026-03-05T00:00:00+00:00") == []
    assert stage.timers == {}


def test_removal_by_an_older_revision_is_passed_over(stage: Stage) -> None:
    stage.define()
    stage.define()
    stage.revision = 0

    assert events(stage.remove()) == []


def test_a_save_while_locked_keeps_the_lock(stage: Stage) -> None:
    stage.define(cron="0 * * * *", allowConcurrent=False)
    (first,) = stage.until("2026-03-01T09:00:00+00:00")

    stage.define(cron="0 * * * *", allowConcurrent=False, inputs={"a": 1})

    assert stage.until("2026-03-01T10:30:00+00:00") == []
    assert dates(starts(stage.unlock(first.execution_id))) == ["2026-03-01T10:00:00Z"]


# ---- disabling


def test_a_disabled_trigger_does_not_fire(stage: Stage) -> None:
    stage.define(disabled=True)

    assert stage.until("2026-03-03T00:00:00+00:00") == []


def test_disabled_through_the_api_it_stays_so_over_saves(stage: Stage) -> None:
    stage.define()
    assert code(stage.set_disabled(True)) == "ok"
    assert code(stage.set_disabled(True)) == "unchanged"

    step = stage.define(inputs={"a": 1})

    (event,) = step.events
    assert isinstance(event, TriggerDefined)
    assert event.disabled
    assert not event.source_disabled
    assert stage.until("2026-03-03T00:00:00+00:00") == []


@pytest.mark.parametrize(
    ("recovery", "expected"), [("ALL", ["09", "10", "11", "12"]), ("LAST", ["11", "12"]), ("NONE", ["12"])]
)
@pytest.mark.parametrize("by_source", [False, True])
def test_enabled_again_what_was_missed_is_recovered_as_the_trigger_wants(
    stage: Stage, recovery: str, expected: list[str], by_source: bool
) -> None:
    stage.define(cron="0 * * * *", recoverMissedSchedules=recovery)
    if by_source:
        stage.define(cron="0 * * * *", recoverMissedSchedules=recovery, disabled=True)
    else:
        stage.set_disabled(True)
    assert stage.until("2026-03-01T11:30:00+00:00") == []

    if by_source:
        stage.define(cron="0 * * * *", recoverMissedSchedules=recovery)
    else:
        stage.set_disabled(False)

    found = stage.until("2026-03-01T12:00:00+00:00")
    assert dates(found) == [f"2026-03-01T{hour}:00:00Z" for hour in expected]


def test_a_request_about_an_unknown_trigger_is_answered(stage: Stage) -> None:
    assert code(stage.set_disabled(True)) == "missing"


# ---- what cannot fire


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"cron": "every day"}, "fields"),
        ({"cron": "0 9 * * *", "timezone": "Mars/Olympus"}, "time zone"),
        ({"cron": None}, "cron"),
        ({"cron": "0 9 * * *", "lateMaximumDelay": "soon"}, "duration"),
    ],
)
def test_a_schedule_that_nobody_can_read_is_isolated(stage: Stage, definition: Any, problem: str) -> None:
    (event,) = stage.define(**definition).events

    assert isinstance(event, TriggerDefined)
    assert event.next_at is None
    assert problem in event.problem
    assert stage.timers == {}
    assert events(stage.define()) == ["trigger.defined.v1"], "and can be mended"
    assert len(stage.until("2026-03-01T09:00:00+00:00")) == 1


def test_a_trigger_that_does_not_depend_on_time_is_known_and_has_no_date(stage: Stage) -> None:
    (event,) = stage.step(
        DefineTrigger(**NAMES, revision=1, trigger_type=WEBHOOK.name, definition={"key": "k"}, at=stage.now)
    ).events

    assert isinstance(event, TriggerDefined)
    assert (event.next_at, event.problem) == (None, "")


def test_a_bug_passes_over_the_slot_and_the_schedule_goes_on(stage: Stage) -> None:
    stage.define()
    stage.now = millis("2026-03-01T09:00:00+00:00")

    step = stage.machine.fail(TimerDue(KEY, stage.now), stage.now, "ZeroDivisionError")

    (event,) = step.events
    assert isinstance(event, TriggerSkipped)
    assert event.next_at == millis("2026-03-02T09:00:00+00:00")
    assert [timer.due for timer in step.timers] == [event.next_at]


# ---- coming back


def test_a_dump_restores_dates_locks_and_definitions(stage: Stage) -> None:
    stage.define(cron="0 * * * *", allowConcurrent=False, inputs={"a": "{{ trigger.date }}"})
    (first,) = stage.until("2026-03-01T09:30:00+00:00")

    restored = TriggerMachine()
    restored.load(list(stage.machine.dump()))

    assert list(restored.dump()) == list(stage.machine.dump())
    stage.machine = restored
    stage.now = millis("2026-03-01T10:30:00+00:00")
    (second,) = starts(stage.unlock(first.execution_id))
    assert second.inputs == {"a": "2026-03-01T10:00:00Z"}


def test_events_are_public_under_the_key_of_their_trigger(stage: Stage) -> None:
    (event,) = stage.define().events

    assert TriggerMachine.published == "triggers.events"
    assert isinstance(event, TriggerDefined)
    assert stage.machine.public_key(event) == KEY


def test_the_event_of_a_slot_names_it_and_the_next(stage: Stage) -> None:
    stage.define()

    stage.until("2026-03-01T09:00:00+00:00")

    (fired,) = [event for step in stage.steps for event in step.events if isinstance(event, TriggerFired)]
    assert fired.slot_at == millis("2026-03-01T09:00:00+00:00")
    assert fired.next_at == millis("2026-03-02T09:00:00+00:00")
