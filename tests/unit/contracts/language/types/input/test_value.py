from __future__ import annotations

import pytest

from contracts.language.types.input.value import json_of, list_of, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_values_become_text_as_in_java(value, text):
    assert text_of(value) == text


def test_a_text_is_read_as_json_and_a_value_is_taken_as_it_is():
    assert json_of('{"a": [1]}') == {"a": [1]}
    assert json_of({"a": 1}) == {"a": 1}
    with pytest.raises(ValueError, match="invalid JSON: "):
        json_of("{")


def test_a_list_is_a_list_or_the_text_of_one():
    assert list_of([1], "JSON") == [1]
    assert list_of("[1]", "JSON") == [1]
    with pytest.raises(ValueError, match="expected a list or the text of a JSON array, but received `1`"):
        list_of("1", "JSON")
