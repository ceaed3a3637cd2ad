from __future__ import annotations

from datetime import time, timedelta

import pytest

from contracts.language.types.trigger.time_window import TimeWindow, Window


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"type": "DAILY_TIME_DEADLINE"}, "must have `deadline`"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00", "window": "P1D"}, "cannot have `window`"),
        ({"type": "DAILY_TIME_WINDOW", "startTime": "09:00"}, "must have `endTime`"),
        ({"type": "SLIDING_WINDOW", "windowAdvance": "PT1H"}, "cannot have `windowAdvance`"),
        ({"window": "PT0S"}, "must be a positive duration"),
        ({"windowAdvance": "-PT1S"}, "must not be negative"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": 540}, "in quotes"),
        ({"timezone": "Mars"}, "is not a time zone"),
    ],
)
def test_a_window_has_what_its_type_needs(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TimeWindow.model_validate(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, TimeWindow()),
        ({"deadline": "09:00:00"}, TimeWindow(type="DAILY_TIME_DEADLINE", deadline=time(9))),
        (
            {"from": "06:00", "to": "09:00"},
            TimeWindow(type="DAILY_TIME_WINDOW", start_time=time(6), end_time=time(9)),
        ),
        ({"lookback": "PT1H"}, TimeWindow(type="SLIDING_WINDOW", window=timedelta(hours=1))),
        (
            {"every": "PT6H", "offset": "PT1H"},
            TimeWindow(window=timedelta(hours=6), window_advance=timedelta(hours=1)),
        ),
    ],
)
def test_the_form_of_2_0_is_the_same_in_other_words(written: dict[str, object], expected: TimeWindow) -> None:
    assert Window.model_validate(written).as_time_window() == expected


def test_kinds_of_windows_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        Window.model_validate({"deadline": "09:00", "lookback": "PT1H"})
