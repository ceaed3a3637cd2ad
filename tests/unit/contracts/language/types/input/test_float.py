from __future__ import annotations

import pytest

from contracts.language.types.input.float import FloatInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("1.5", 1.5),
        (2, 2.0),
        (" .5 ", 0.5),
        ("1e3", 1000.0),
        ("-3.", -3.0),
    ],
)
def test_a_number_is_read_from_a_number_or_its_text(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("nan", 'For input string: "nan"'),
        ("inf", 'For input string: "inf"'),
        ("1,5", 'For input string: "1,5"'),
        ("1e39", 'For input string: "1e39"'),
    ],
)
def test_what_is_no_number_of_32_bits_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"min": 0, "max": 1}, 0.0, []),
        ({"min": 0, "max": 1}, 1.0, []),
        ({"min": 0.5}, 0.4, ["it must be more than `0.5`"]),
        ({"max": 1}, 1.1, ["it must be less than `1.0`"]),
    ],
)
def test_bounds_are_inclusive(keys, value, causes):
    declared = FloatInput.model_validate({"id": "x", "type": "FLOAT", **keys})
    assert check(declared, value) == causes
