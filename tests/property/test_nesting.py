"""The depth of JSON that is counted on its bytes equals the depth of its value."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.nesting import is_deeper

TEXT = st.text(alphabet='[]{}"\\\n\u00e9ab', max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=30,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(VALUES, st.integers(0, 8), st.booleans())
def test_it_is_that_of_the_value(value: object, levels: int, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=None if ascii_only else 1)
    assert is_deeper(text.encode(), levels) == (depth(value) > levels)


@given(st.lists(st.sampled_from("[{"), max_size=12), st.integers(0, 12))
def test_arrays_and_objects_count_equally(opened: list[str], levels: int) -> None:
    value: object = 1
    for bracket in opened:
        value = [value, []] if bracket == "[" else {"k": value}
    assert is_deeper(json.dumps(value).encode(), levels) == (depth(value) > levels)


def test_what_only_opens_is_as_deep_as_it_goes() -> None:
    assert is_deeper(b"[" * 1_000)
    assert is_deeper(b'{"a":' * 1_000)
    assert not is_deeper(b'"' + b"[" * 1_000 + b'"')
