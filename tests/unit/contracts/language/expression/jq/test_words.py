"""How values are indexed, changed and written in jq."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq.words import calculated, index, put, removed, written
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template

FRAME = Frame(Scope({}, datetime(2026, 1, 1, tzinfo=UTC), 1), compile_template)


def test_parts_are_read_and_what_is_not_there_is_null() -> None:
    assert index({"a": 1}, "a") == 1
    assert index([1, 2], -1) == 2
    assert index([1, 2], 5) is None
    assert index(None, "a") is None
    assert index("abc", {"start": 1, "end": None}) == "bc"


def test_a_change_leaves_the_value_as_it_was() -> None:
    value: dict[str, Any] = {"a": [1, 2]}
    assert put(value, ("a", 3), 9, FRAME) == {"a": [1, 2, None, 9]}
    assert removed(value, [("a", 0), ("a", 1)], FRAME) == {"a": []}
    assert value == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", None, 1, 1),
        ("+", {"a": 1}, {"a": 2}, {"a": 2}),
        ("-", [1, 2, 1], [1], [2]),
        ("*", {"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ("/", "a,b", ",", ["a", "b"]),
        ("%", -5, 3, -2),
        ("+", 12345678901234567890123, 1, 12345678901234567890124),
    ],
)
def test_operators_depend_on_the_types(operator: str, left: Any, right: Any, expected: Any) -> None:
    assert calculated(operator, left, right, FRAME) == expected


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("@json", {"a": None}, '{"a":null}'),
        ("@uri", "a b/ü", "a%20b%2F%C3%BC"),
        ("@html", "<'&\">", "&lt;&#39;&amp;&quot;&gt;"),
        ("@sh", ["a b", 1], "'a b' 1"),
        ("@tsv", ["a\tb", None, True], "a\\tb\t\ttrue"),
        ("@base64d", "aGk=", "hi"),
    ],
)
def test_formats(form: str, value: Any, expected: str) -> None:
    assert written(value, form, FRAME) == expected
    with pytest.raises(ExpressionError, match="is not a valid format"):
        written(value, "@nope", FRAME)
