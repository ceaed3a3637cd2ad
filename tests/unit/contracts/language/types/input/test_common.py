from __future__ import annotations

import pytest

from contracts.language.types.input.common import Input


def test_an_input_that_is_not_required_has_no_default():
    assert Input.model_validate({"id": "x", "type": "INT", "required": False, "prefill": 1}).prefill == 1
    with pytest.raises(ValueError, match="contradict each other: use `prefill`"):
        Input.model_validate({"id": "x", "type": "INT", "required": False, "defaults": 1})
