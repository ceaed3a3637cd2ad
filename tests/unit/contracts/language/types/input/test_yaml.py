from __future__ import annotations

import pytest

from contracts.language.types.input.yaml import parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("a: [1, on]", {"a": [1, "on"]}),
        ({"a": 1}, {"a": 1}),
        (3, 3),
    ],
)
def test_a_text_is_read_as_yaml_and_a_value_is_taken_as_it_is(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


def test_a_text_that_is_no_yaml_is_refused():
    with pytest.raises(ValueError, match=r"invalid YAML: .*line 1"):
        parse("a: [1")
