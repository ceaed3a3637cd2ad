"""Labels in the forms in which clients write them."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.core.problem import Problem
from services.web.core.write.label import read_labels


@pytest.mark.parametrize(
    "written", [{"a": "b", "c": True}, [{"key": "a", "value": "b"}, {"key": "c", "value": True}]]
)
def test_labels_are_a_map_or_a_list(written: Any) -> None:
    assert read_labels(written) == {"a": "b", "c": "true"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a:b", "a list of labels"),
        ([{"key": "", "value": "b"}], "not empty"),
        ([{"key": "a"}], "not empty"),
        ({"system.from": "me"}, "System labels"),
    ],
)
def test_what_is_wrong_is_told(written: Any, told: str) -> None:
    with pytest.raises(Problem) as refused:
        read_labels(written)

    assert told in refused.value.detail
