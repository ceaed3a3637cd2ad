from __future__ import annotations

import pytest

from contracts.language.types.input.duration import DurationInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("PT90S", "PT1M30S"),
        ("P1D", "PT24H"),
    ],
)
def test_a_duration_is_printed_in_its_shortest_form(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"min": "PT1M", "max": "PT2M"}, "PT1M", []),
        ({"min": "PT1M"}, "PT59S", ["It must be more than `PT1M`"]),
        ({"max": "PT1M"}, "PT1M1S", ["It must be less than `PT1M`"]),
    ],
)
def test_bounds_are_inclusive(keys, value, causes):
    declared = DurationInput.model_validate({"id": "x", "type": "DURATION", **keys})
    assert check(declared, value) == causes


def test_what_is_no_duration_is_refused():
    with pytest.raises(ValueError, match="invalid ISO-8601 duration `1h`"):
        parse("1h")
