from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.types.trigger.schedule_on_dates import ScheduleOnDates


def test_a_date_without_an_offset_is_in_utc() -> None:
    (at,) = ScheduleOnDates.model_validate({"dates": ["2026-03-01T09:00:00"]}).dates
    assert at == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("dates", [[], ["{{ vars.date }}"], ["soon"], None])
def test_wrong_dates_are_refused(dates: object) -> None:
    with pytest.raises(ValueError, match="dates"):
        ScheduleOnDates.model_validate({"dates": dates})
