"""Events, applied to the trigger that they are about."""

from __future__ import annotations

from contracts.trigger import (
    TriggerBackfillBegun,
    TriggerBackfillEnded,
    TriggerBackfillFired,
    TriggerBackfillPaused,
    TriggerBackfillSkipped,
)
from services.trigger_listener.core.event import JournalEvent
from services.trigger_listener.core.evolve import evolve
from services.trigger_listener.core.state import Trigger, TriggersState
from tests.support.rig.triggers import KEY, NAMES

BEGUN = TriggerBackfillBegun(
    **NAMES, at=1, backfill_id="b", start_at=10, end_at=30, slot_at=12, inputs={"a": 1}
)


def evolve_backfill(trigger: Trigger, event: JournalEvent) -> None:
    evolve(TriggersState(by_key={KEY: trigger}), event)


def begun() -> Trigger:
    trigger = Trigger("company.team", "hello", "daily", "Schedule", 1, b"{}", False, next_at=100)
    evolve_backfill(trigger, BEGUN)
    return trigger


def test_a_backfill_begins_at_its_first_date() -> None:
    trigger = begun()

    assert trigger.backfill is not None
    assert (trigger.backfill.slot_at, trigger.backfill.inputs, trigger.due_at) == (12, {"a": 1}, 12)


def test_a_date_that_fired_locks_and_moves_it() -> None:
    trigger = begun()
    fired = TriggerBackfillFired(**NAMES, at=2, execution_id="e", slot_at=12, next_slot_at=20, next_at=100)
    evolve_backfill(trigger, fired)

    assert trigger.backfill is not None
    assert (trigger.backfill.slot_at, trigger.locked_by, trigger.last_at, trigger.next_at) == (
        20,
        "e",
        12,
        100,
    )
    assert trigger.due_at is None


def test_a_date_that_was_skipped_only_moves_it() -> None:
    trigger = begun()
    evolve_backfill(trigger, TriggerBackfillSkipped(**NAMES, at=2, slot_at=12, next_slot_at=20))

    assert (trigger.due_at, trigger.last_at) == (20, None)


def test_while_it_is_paused_nothing_is_due() -> None:
    trigger = begun()
    evolve_backfill(trigger, TriggerBackfillPaused(**NAMES, at=2, paused=True))
    assert trigger.due_at is None

    evolve_backfill(trigger, TriggerBackfillPaused(**NAMES, at=3, paused=False))
    assert trigger.due_at == 12


def test_after_its_end_the_slot_of_the_schedule_is_due() -> None:
    trigger = begun()
    evolve_backfill(trigger, TriggerBackfillEnded(**NAMES, at=2, finished=True))

    assert (trigger.backfill, trigger.due_at) == (None, 100)
