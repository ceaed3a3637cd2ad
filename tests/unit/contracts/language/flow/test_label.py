import pytest

from contracts.language.flow.label import label_pairs


def test_both_written_forms_give_pairs_of_texts():
    assert label_pairs({"a": 1, "b": True}) == [{"key": "a", "value": "1"}, {"key": "b", "value": "true"}]
    assert label_pairs([{"key": "a", "value": 1.5}]) == [{"key": "a", "value": "1.5"}]


@pytest.mark.parametrize("value", ["", None, [1], {"x": 1}])
def test_a_label_is_a_scalar_that_is_not_empty(value):
    with pytest.raises(ValueError, match="label `a` needs a text"):
        label_pairs({"a": value})
