from __future__ import annotations

from datetime import date

from contracts.language.types.input.bound import outside, outside_time


def test_a_number_outside_of_its_bounds_is_told_which_one_it_breaks():
    assert outside(2, 2, 2) == []
    assert outside(1, 2, None) == ["it must be more than `2`"]
    assert outside(3, None, 2) == ["it must be less than `2`"]


def test_a_day_outside_of_its_bounds_is_told_which_one_it_breaks():
    day, next_day = date(2024, 1, 1), date(2024, 1, 2)
    assert outside_time(day, day, day) == []
    assert outside_time(day, next_day, None) == ["it must be after `2024-01-02`"]
    assert outside_time(next_day, None, day) == ["it must be before `2024-01-01`"]
