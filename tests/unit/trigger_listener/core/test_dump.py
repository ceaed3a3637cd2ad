"""Triggers as items, and back."""

from __future__ import annotations

from tests.support.rig.triggers import TriggerRig, millis, starts


def test_a_dump_restores_dates_locks_and_definitions(rig: TriggerRig) -> None:
    rig.define(cron="0 * * * *", allowConcurrent=False, inputs={"a": "{{ trigger.date }}"})
    (first,) = rig.until("2026-03-01T09:30:00+00:00")

    rig.assert_rebuilds()
    rig.restart(snapshot=True)
    rig.now = millis("2026-03-01T10:30:00+00:00")
    (second,) = starts(rig.unlock(first.execution_id))
    assert second.inputs == {"a": "2026-03-01T10:00:00Z"}
