from __future__ import annotations

import pytest

from contracts.language.flow.input_value import typed


def test_the_items_of_an_array_are_of_its_item_type():
    assert typed("ARRAY", '["1", 2]', "INT") == [1, 2]
    assert typed("ARRAY", [1, True], None) == ["1", "true"]
    assert typed("ARRAY", [["a"]], "JSON") == [["a"]]


def test_an_item_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="Unable to parse array element as `INT` on `a`"):
        typed("ARRAY", ["1", "a"], "INT")


def test_an_item_type_that_does_not_exist_is_refused_and_breaks_nothing():
    """A flow output may name one. It was a KeyError within the executor."""
    with pytest.raises(ValueError, match="`NUMBER` is no type of items, use one of ARRAY, BOOL"):
        typed("ARRAY", [1], "NUMBER")


def test_the_values_of_a_multi_select_stay_texts():
    assert typed("MULTISELECT", [1, "a"], "INT") == ["1", "a"]
