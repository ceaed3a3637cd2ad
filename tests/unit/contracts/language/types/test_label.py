from typing import Any

import pytest

from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.label import labels_of


def test_labels_are_a_map_or_a_list_of_texts_and_scalars():
    assert labels_of({"a": 1, "b": True}) == {"a": "1", "b": "true"}
    assert labels_of([{"key": "a", "value": "x"}]) == {"a": "x"}


def test_a_nested_value_is_a_label_as_its_json():
    assert labels_of({"stage": {"name": "done"}, "days": [1]}) == {"stage": '{"name":"done"}', "days": "[1]"}


@pytest.mark.parametrize("wrong", [{"a": None}, [{"value": "x"}], {"system.from": "me"}])
def test_what_is_no_label_fails(wrong: Any):
    with pytest.raises(RenderingFailed):
        labels_of(wrong)
