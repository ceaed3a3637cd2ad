"""Triggers are defined, redefined and removed."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.types.trigger.webhook import WEBHOOK
from contracts.trigger import DefineTrigger, TriggerDefined
from tests.support.rig.triggers import NAMES, TriggerRig, dates, events, millis, starts


def test_the_first_slot_is_after_the_save_however_late_we_read_it(rig: TriggerRig) -> None:
    message = DefineTrigger(
        **NAMES,
        revision=1,
        trigger_type="io.kestra.plugin.core.trigger.Schedule",
        definition={"cron": "0 9 * * *"},
        at=millis("2026-03-01T08:59:59+00:00"),
    )
    rig.now = millis("2026-03-01T09:00:05+00:00")

    rig.when(message)

    assert dates(rig.until("2026-03-01T09:00:06+00:00")) == ["2026-03-01T09:00:00Z"]


def test_a_save_with_the_same_cron_keeps_the_next_date(rig: TriggerRig) -> None:
    rig.define(inputs={"a": "old"})
    rig.now = millis("2026-03-01T09:00:00.001+00:00")
    rig.define(inputs={"a": "new"})

    assert dates(rig.until("2026-03-01T09:00:01+00:00")) == []
    assert dates(starts(*rig.steps)) == ["2026-03-01T09:00:00Z"]
    assert rig.next_at == millis("2026-03-02T09:00:00+00:00")


def test_a_save_with_another_cron_at_the_due_moment_loses_nothing(rig: TriggerRig) -> None:
    rig.define()
    rig.now = millis("2026-03-01T09:00:00+00:00")

    step = rig.define(cron="0 17 * * *")

    assert dates(starts(step)) == ["2026-03-01T09:00:00Z"]
    assert rig.next_at == millis("2026-03-01T17:00:00+00:00")


def test_another_cron_counts_from_the_save(rig: TriggerRig) -> None:
    rig.define()

    rig.define(cron="30 8 * * *")

    assert dates(rig.until("2026-03-01T10:00:00+00:00")) == ["2026-03-01T08:30:00Z"]


def test_a_revision_that_we_know_changes_nothing(rig: TriggerRig) -> None:
    rig.define()
    rig.revision -= 1

    step = rig.define(cron="30 8 * * *")

    assert (step.events, step.outbox, step.timers) == ([], [], [])


def test_a_removed_trigger_fires_no_more(rig: TriggerRig) -> None:
    rig.define()

    assert events(rig.remove()) == ["trigger.removed.v1"]
    assert rig.until("2026-03-05T00:00:00+00:00") == []
    assert rig.timers == {}


def test_removal_by_an_older_revision_is_passed_over(rig: TriggerRig) -> None:
    rig.define()
    rig.define()
    rig.revision = 0

    assert events(rig.remove()) == []


def test_a_save_while_locked_keeps_the_lock(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", allowConcurrent=False)
    (first,) = rig.until("2026-03-01T09:00:00+00:00")

    rig.define(cron="0 * * * *", allowConcurrent=False, inputs={"a": 1})

    assert rig.until("2026-03-01T10:30:00+00:00") == []
    assert dates(starts(rig.unlock(first.execution_id))) == ["2026-03-01T10:00:00Z"]


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"cron": "every day"}, "fields"),
        ({"cron": "0 9 * * *", "timezone": "Mars/Olympus"}, "time zone"),
        ({"cron": None}, "cron"),
        ({"cron": "0 9 * * *", "lateMaximumDelay": "soon"}, "duration"),
    ],
)
def test_an_unreadable_schedule_is_isolated(rig: TriggerRig, definition: Any, problem: str) -> None:
    (event,) = rig.define(**definition).events

    assert isinstance(event, TriggerDefined)
    assert event.next_at is None
    assert problem in event.problem
    assert rig.timers == {}
    assert events(rig.define()) == ["trigger.defined.v1"], "and it can be fixed"
    assert len(rig.until("2026-03-01T09:00:00+00:00")) == 1


def test_a_trigger_that_does_not_depend_on_time_is_known_and_has_no_date(rig: TriggerRig) -> None:
    (event,) = rig.when(
        DefineTrigger(**NAMES, revision=1, trigger_type=WEBHOOK.name, definition={"key": "k"}, at=rig.now)
    ).events

    assert isinstance(event, TriggerDefined)
    assert (event.next_at, event.problem) == (None, "")
