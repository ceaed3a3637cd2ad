from __future__ import annotations

import pytest

from contracts.language.types.input.date import DateInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_day_is_read(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("2023-02-29", "Text '2023-02-29' could not be parsed, use yyyy-MM-dd"),
        ("20240229", "Text '20240229' could not be parsed, use yyyy-MM-dd"),
        (5, "Text '5' could not be parsed, use yyyy-MM-dd"),
    ],
)
def test_what_is_no_day_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"after": "2024-01-01", "before": "2024-01-02"}, "2024-01-01", []),
        ({"after": "2024-01-01"}, "2023-12-31", ["it must be after `2024-01-01`"]),
        ({"before": "2024-01-01"}, "2024-01-02", ["it must be before `2024-01-01`"]),
    ],
)
def test_bounds_are_inclusive(keys, value, causes):
    declared = DateInput.model_validate({"id": "x", "type": "DATE", **keys})
    assert check(declared, value) == causes
