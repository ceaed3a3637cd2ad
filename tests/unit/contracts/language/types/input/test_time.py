from __future__ import annotations

import pytest

from contracts.language.types.input.time import TimeInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("10:30", "10:30:00"),
        ("23:59:59", "23:59:59"),
        ("10:00:05.5", "10:00:05.5"),
        ("10:00:05.000", "10:00:05"),
    ],
)
def test_a_time_of_day_is_read_and_gets_its_seconds(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("T10:00", "Text 'T10:00' could not be parsed, use HH:mm[:ss]"),
        ("1000", "Text '1000' could not be parsed, use HH:mm[:ss]"),
        ("25:00", "Text '25:00' could not be parsed, use HH:mm[:ss]"),
    ],
)
def test_what_is_no_time_of_day_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"after": "08:00", "before": "18:00"}, "08:00:00", []),
        ({"after": "08:00"}, "07:59:59", ["it must be after `08:00`"]),
        ({"before": "18:00"}, "18:00:01", ["it must be before `18:00`"]),
    ],
)
def test_bounds_are_inclusive(keys, value, causes):
    declared = TimeInput.model_validate({"id": "x", "type": "TIME", **keys})
    assert check(declared, value) == causes
