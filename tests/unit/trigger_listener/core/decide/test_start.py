"""What the start of an execution for a date of a schedule holds."""

from __future__ import annotations

from contracts.scalars import derive_id
from tests.support.rig.triggers import KEY, TriggerRig, millis


def test_a_start_names_its_flow_its_trigger_and_the_lock(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False, inputs={"a": "{{ schedule.date }}", "b": "{{ flow.namespace }}"})

    (start,) = rig.until("2026-03-01T09:00:00+00:00")

    assert (start.namespace, start.flow_id, start.revision) == ("company.team", "hello", 1)
    assert start.execution_id == derive_id("schedule", KEY, str(millis("2026-03-01T09:00:00+00:00")))
    assert start.trigger is not None
    assert (start.trigger.id, start.trigger_key) == ("daily", KEY)
    assert start.inputs == {"a": "2026-03-01T09:00:00Z", "b": "company.team"}


def test_no_execution_is_wanted_if_when_is_false(rig: TriggerRig) -> None:
    rig.define(when="{{ false }}")

    assert rig.until("2026-03-01T09:00:00+00:00") == []
