from __future__ import annotations

import pytest

from contracts.language.types.input.datetime import DateTimeInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00+02:00", "2024-05-01T08:00:00Z"),
        ("2024-05-01T10:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.5Z", "2024-05-01T10:00:00.500Z"),
        ("2024-05-01T10:00:00.123456789Z", "2024-05-01T10:00:00.123456Z"),
    ],
)
def test_an_instant_is_printed_in_utc(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (
            "2024-05-01T10:00:00",
            "Text '2024-05-01T10:00:00' could not be parsed, use an instant such as 2024-05-01T10:00:00Z",
        ),
        (
            "20240501T100000Z",
            "Text '20240501T100000Z' could not be parsed, use an instant such as 2024-05-01T10:00:00Z",
        ),
        ("now", "Text 'now' could not be parsed, use an instant such as 2024-05-01T10:00:00Z"),
    ],
)
def test_what_is_no_instant_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"after": "2024-01-01T00:00:00Z"}, "2024-01-01T01:00:00+01:00", []),
        (
            {"after": "2024-01-01T00:00:00Z"},
            "2024-01-01T00:00:00+01:00",
            ["it must be after `2024-01-01T00:00:00Z`"],
        ),
        (
            {"before": "2024-01-01T00:00:00Z"},
            "2024-01-01T00:00:01Z",
            ["it must be before `2024-01-01T00:00:00Z`"],
        ),
    ],
)
def test_bounds_are_inclusive_in_any_offset(keys, value, causes):
    declared = DateTimeInput.model_validate({"id": "x", "type": "DATETIME", **keys})
    assert check(declared, value) == causes
