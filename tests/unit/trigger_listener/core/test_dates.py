"""A schedule whose slots are the dates of a list."""

from __future__ import annotations

from typing import Any

from contracts.language.types.trigger.schedule_on_dates import SCHEDULE_ON_DATES
from contracts.machine import Step
from contracts.trigger import DefineTrigger, TriggerDefined
from tests.support.rig.triggers import NAMES, TriggerRig, dates, starts

FIRST, SECOND, THIRD = "2026-03-01T09:00:00+01:00", "2026-03-02T09:00:00Z", "2026-03-05T12:00:00.700Z"


class DatesRig(TriggerRig):
    def on(self, *at: str, **more: Any) -> Step:
        self.revision += 1
        definition: dict[str, Any] = {"dates": list(at), "allowConcurrent": True} | more
        return self.when(
            DefineTrigger(
                **NAMES,
                revision=self.revision,
                trigger_type=SCHEDULE_ON_DATES.name,
                definition=definition,
                at=self.now,
            )
        )


def test_each_date_runs_once_in_order() -> None:
    rig = DatesRig("2026-02-28T00:00:00+00:00")
    rig.on(THIRD, FIRST, SECOND, FIRST, timezone="Europe/Berlin")
    found = rig.until("2026-04-01T00:00:00+00:00")
    assert dates(found) == [
        "2026-03-01T09:00:00+01:00",
        "2026-03-02T10:00:00+01:00",
        "2026-03-05T13:00:00+01:00",
    ]
    assert found[1].trigger is not None
    assert found[1].trigger.variables["previous"] == "2026-03-01T09:00:00+01:00"
    assert found[1].trigger.variables["next"] == "2026-03-05T13:00:00+01:00"
    assert rig.next_at is None
    rig.assert_rebuilds()


def test_dates_before_the_save_do_not_run() -> None:
    rig = DatesRig("2026-03-01T20:00:00+00:00")
    rig.on(FIRST, SECOND)
    assert dates(rig.until("2026-04-01T00:00:00+00:00")) == ["2026-03-02T09:00:00Z"]


def test_missed_dates_are_recovered_as_it_says() -> None:
    for recovery, expected in (("ALL", 3), ("LAST", 1), ("NONE", 0)):
        rig = DatesRig("2026-02-28T00:00:00+00:00")
        rig.on(FIRST, SECOND, THIRD, recoverMissedSchedules=recovery)
        rig.until("2026-04-01T00:00:00+00:00", away=True)
        started = starts(*rig.steps)
        assert len({start.execution_id for start in started}) == expected, recovery


def test_another_list_begins_anew() -> None:
    rig = DatesRig("2026-02-28T00:00:00+00:00")
    rig.on(FIRST)
    rig.on(SECOND)
    assert dates(rig.until("2026-04-01T00:00:00+00:00")) == ["2026-03-02T09:00:00Z"]


def test_a_backfill_runs_its_dates() -> None:
    rig = DatesRig("2026-03-10T00:00:00+00:00")
    rig.on(FIRST, SECOND, THIRD)
    rig.backfill("2026-03-02T00:00:00+00:00", "2026-03-06T00:00:00+00:00")
    rig.settle()
    assert dates(starts(*rig.steps)) == ["2026-03-02T09:00:00Z", "2026-03-05T12:00:00Z"]


def test_wrong_dates_are_a_problem() -> None:
    (event,) = DatesRig().on("tomorrow").events
    assert isinstance(event, TriggerDefined)
    assert event.problem.startswith("`dates`: ")
