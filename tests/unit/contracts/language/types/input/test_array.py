from __future__ import annotations

import pytest

from contracts.language.types.input.array import parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ([1, "a"], [1, "a"]),
        ((1, 2), [1, 2]),
        ("[1, [2]]", [1, [2]]),
    ],
)
def test_a_list_is_taken_as_it_is_and_a_text_is_read_as_json(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (5, "expected a list or the text of a JSON array, but received `5`"),
        ('{"a": 1}', 'expected a list or the text of a JSON array, but received `{"a":1}`'),
    ],
)
def test_what_is_no_list_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


def test_a_text_that_is_no_json_is_refused():
    with pytest.raises(ValueError, match="invalid JSON array: "):
        parse("1, 2")
