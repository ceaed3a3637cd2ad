"""A person disables a trigger, and enables it again."""

from __future__ import annotations

import pytest

from contracts.trigger import TriggerDefined
from tests.support.rig.triggers import TriggerRig, code, dates


def test_a_disabled_trigger_does_not_fire(rig: TriggerRig) -> None:
    rig.define(disabled=True)

    assert rig.until("2026-03-03T00:00:00+00:00") == []


def test_disabled_through_the_api_it_stays_so_over_saves(rig: TriggerRig) -> None:
    rig.define()
    assert code(rig.set_disabled(True)) == "ok"
    assert code(rig.set_disabled(True)) == "unchanged"

    step = rig.define(inputs={"a": 1})

    (event,) = step.events
    assert isinstance(event, TriggerDefined)
    assert event.disabled
    assert not event.source_disabled
    assert rig.until("2026-03-03T00:00:00+00:00") == []


@pytest.mark.parametrize(
    ("recovery", "expected"), [("ALL", ["09", "10", "11", "12"]), ("LAST", ["11", "12"]), ("NONE", ["12"])]
)
@pytest.mark.parametrize("by_source", [False, True])
def test_missed_slots_are_recovered_as_configured_when_enabled_again(
    rig: TriggerRig, recovery: str, expected: list[str], by_source: bool
) -> None:
    rig.define(cron="0 * * * *", recoverMissedSchedules=recovery)
    if by_source:
        rig.define(cron="0 * * * *", recoverMissedSchedules=recovery, disabled=True)
    else:
        rig.set_disabled(True)
    assert rig.until("2026-03-01T11:30:00+00:00") == []

    if by_source:
        rig.define(cron="0 * * * *", recoverMissedSchedules=recovery)
    else:
        rig.set_disabled(False)

    found = rig.until("2026-03-01T12:00:00+00:00")
    assert dates(found) == [f"2026-03-01T{hour}:00:00Z" for hour in expected]


def test_a_request_about_an_unknown_trigger_is_answered(rig: TriggerRig) -> None:
    assert code(rig.set_disabled(True)) == "missing"
