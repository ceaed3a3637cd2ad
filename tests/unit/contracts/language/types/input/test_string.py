from __future__ import annotations

import pytest

from contracts.language.types.input.string import StringInput, check


@pytest.mark.parametrize(
    ("keys", "value", "causes"),
    [
        ({}, "anything", []),
        ({"validator": "[a-z]+"}, "abc", []),
        ({"validator": "[a-z]+"}, "abc1", ["it must match the pattern `[a-z]+`"]),
    ],
)
def test_the_pattern_must_match_all_of_the_text(keys, value, causes):
    declared = StringInput.model_validate({"id": "x", "type": "STRING", **keys})
    assert check(declared, value) == causes


def test_a_pattern_that_is_none_is_refused_when_the_flow_is_saved():
    with pytest.raises(ValueError, match="validator"):
        StringInput.model_validate({"id": "x", "type": "STRING", "validator": "[a-z"})
