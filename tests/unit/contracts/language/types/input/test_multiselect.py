from __future__ import annotations

import pytest

from contracts.language.types.input.multiselect import MultiSelectInput, choice, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (["a", 1], ["a", "1"]),
        ("[true]", ["true"]),
    ],
)
def test_each_chosen_value_is_a_text(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        ({"options": ["a"]}, ("a",)),
        ({"expression": "{{ vars.colours }}"}, ()),
    ],
)
def test_the_options_have_one_source(keys, written):
    found = choice(MultiSelectInput.model_validate({"id": "x", "type": "MULTISELECT", **keys}))
    assert (found.written, found.expression, found.many) == (written, keys.get("expression"), True)


def test_items_are_texts_unless_declared_otherwise():
    declared = MultiSelectInput.model_validate({"id": "x", "type": "MULTISELECT", "values": ["a"]})
    assert declared.item_type == "STRING"
    with pytest.raises(ValueError, match="invalid JSON: "):
        parse("a")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"values": ["b"], "options": ["a"]}, "you can't define both `values` and `options`"),
        ({"values": ["b"], "expression": "{{ a }}"}, "you can't define both `values` and `expression`"),
        ({}, "you must define either `values` or `expression`"),
    ],
)
def test_two_sources_or_none_are_refused(keys, message):
    with pytest.raises(ValueError, match=message):
        MultiSelectInput.model_validate({"id": "x", "type": "MULTISELECT", **keys})
