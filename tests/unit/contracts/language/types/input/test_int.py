from __future__ import annotations

import pytest

from contracts.language.types.input.int import IntInput, check, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("42", 42),
        (-7, -7),
        ("+5", 5),
        (2147483647, 2147483647),
        ("-2147483648", -2147483648),
    ],
)
def test_a_whole_number_of_32_bits_is_read_from_a_number_or_its_text(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("one", 'For input string: "one"'),
        (1.5, 'For input string: "1.5"'),
        (True, 'For input string: "true"'),
        (2147483648, 'For input string: "2147483648"'),
        (" 1", 'For input string: " 1"'),
        ("", 'For input string: ""'),
    ],
)
def test_what_is_no_whole_number_of_32_bits_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({"min": 1, "max": 3}, 1, []),
        ({"min": 1, "max": 3}, 3, []),
        ({"min": 1}, 0, ["it must be more than `1`"]),
        ({"max": 3}, 4, ["it must be less than `3`"]),
    ],
)
def test_bounds_are_inclusive(keys, value, causes):
    declared = IntInput.model_validate({"id": "x", "type": "INT", **keys})
    assert check(declared, value) == causes
