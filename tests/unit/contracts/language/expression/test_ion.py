"""Amazon Ion as text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.ion import printed, read
from tests.support.budget import a_budget

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("string", '"string"'),
        (1, "1"),
        (1.123, "1.123e0"),
        (["string", 1, 1.123], '["string",1,1.123e0]'),
        (True, "true"),
        ({"empty_object": {}}, "{empty_object:{}}"),
        (None, "null"),
        ({"a b": None, "null": 1}, "{'a b':null,'null':1}"),
        (Decimal("1.50"), "1.50"),
        ('a"\\\n', '"a\\"\\\\\\n"'),
    ],
)
def test_a_value_is_printed(value: Any, text: str) -> None:
    assert printed(value, a_budget()) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{date:2024-04-21T23:00:00.000Z, title:"Main_Page",views:109787}',
         {"date": "2024-04-21T23:00:00.000Z", "title": "Main_Page", "views": 109787}),
        ("// a comment\n[1, -2, 0x1F, 1_000, 1.5, 1d3, 2e0] /* more */", [1, -2, 31, 1000, 1.5, 1000.0, 2.0]),
        ("money::{amount: 0.12345678901234567890}", {"amount": Decimal("0.12345678901234567890")}),
        ("(a + 'b c')", ["a", "+", "b c"]),
        ("'''long ''' '''text'''", "long text"),
        ("{{ aGk= }}", "aGk="),
        ("null.int", None),
        ("2024-01-01", "2024-01-01"),
        ('"\\u00e9\\x41"', "éA"),
        ("", None),
    ],
)  # fmt: skip
def test_a_text_is_read(text: str, value: Any) -> None:
    assert read(text, a_budget(), all_values=False) == value


def test_all_values_are_read_on_request() -> None:
    assert read("{a:1}\n{a:2}", a_budget(), all_values=True) == [{"a": 1}, {"a": 2}]
    assert read("{a:1}\n{a:2}", a_budget(), all_values=False) == {"a": 1}


@pytest.mark.parametrize("text", ["{", "[1", "{a}", '"a', "{{ not base64! }}", "]", "[" * 200, '"\\q"', "'a"])
def test_what_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="`fromIon`"):
        read(text, a_budget(), all_values=False)


@given(VALUES)
def test_what_is_printed_is_read_again(value: Any) -> None:
    assert read(printed(value, a_budget()), a_budget(), all_values=False) == value


@given(st.text(alphabet="{}[]()'\"\\:,. ab01-+/*\nT", max_size=20))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        read(text, a_budget(), all_values=True)
    except ExpressionError:
        return
