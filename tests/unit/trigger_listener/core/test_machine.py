"""The entrance of triggers: the effect of a bug, and that events are public."""

from __future__ import annotations

import msgspec
import pytest

from contracts.machine import TimerDue
from contracts.trigger import TriggerDefined, TriggerSkipped
from services.trigger_listener.core.machine import TriggerMachine
from tests.support.rig.triggers import KEY, TriggerRig, millis


def test_a_bug_passes_over_the_slot_and_the_schedule_goes_on(rig: TriggerRig) -> None:
    rig.define()
    rig.now = millis("2026-03-01T09:00:00+00:00")

    step = rig.when_it_raised(TimerDue(KEY, rig.now), "ZeroDivisionError")

    (event,) = step.events
    assert isinstance(event, TriggerSkipped)
    assert event.next_at == millis("2026-03-02T09:00:00+00:00")
    assert [timer.due for timer in step.timers] == [event.next_at]


def test_events_are_public_under_the_key_of_their_trigger(rig: TriggerRig) -> None:
    (event,) = rig.define().events

    assert TriggerMachine.published == "triggers.events"
    assert isinstance(event, TriggerDefined)
    assert rig.machine.public_key(event) == KEY


@pytest.mark.parametrize("at", [-(2**62), 2**62])
def test_a_definition_from_an_absurd_time_is_read_all_the_same(rig: TriggerRig, at: int) -> None:
    message = rig.a_definition(1, {"cron": "0 9 * * *"}, disabled=False)
    step = rig.when(msgspec.structs.replace(message, at=at))
    assert len(step.events) == 1


def test_a_schedule_with_a_number_for_its_list_of_states_has_a_problem_and_no_date(rig: TriggerRig) -> None:
    (event,) = rig.define(stopAfter=1).events
    assert isinstance(event, TriggerDefined)
    assert event.next_at is None
    assert "stopAfter" in event.problem
