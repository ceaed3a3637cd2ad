"""Entries of maps, elements of lists, and the methods that values have."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.expression.attribute import MISSING, get, method
from tests.support.budget import a_budget


@pytest.mark.parametrize(
    ("target", "key", "found"),
    [
        ({"a": 1}, "a", 1),
        ({"a": None}, "a", None),
        ({"1": "x"}, 1, "x"),
        ({1: "x"}, 1, "x"),
        ([5, 6], 1, 6),
        ([5, 6], "1", 6),
        ({"true": 1}, True, 1),
    ],
)
def test_found(target: object, key: object, found: object) -> None:
    assert get(target, key) == found


@pytest.mark.parametrize(
    ("target", "key"),
    [({"a": 1}, "b"), ([5], 1), ([5], -1), ([5], "x"), ([5], True), ("abc", 0), (None, "a"), (7, "real")],
)
def test_missing(target: object, key: object) -> None:
    assert get(target, key) is MISSING


def test_no_attribute_of_a_python_object_can_be_reached() -> None:
    assert get({}, "__class__") is MISSING
    assert get("text", "__class__") is MISSING
    assert method("text", "__class__") is None
    assert method("text", "encode") is None
    assert method(7, "bit_length") is None


@pytest.mark.parametrize(
    ("target", "name", "arguments", "result"),
    [
        ("abc", "length", (), 3),
        ("  ", "isBlank", (), True),
        ("", "isEmpty", (), True),
        ("a.b.", "split", (".",), ["a", "b"]),
        ("abcd", "substring", (1,), "bcd"),
        ("abcd", "substring", (1, 3), "bc"),
        ("a-b", "replace", ("-", "+"), "a+b"),
        ("Ab", "toLowerCase", (), "ab"),
        ("Ab", "toUpperCase", (), "AB"),
        ("abcb", "indexOf", ("b",), 1),
        ("abcb", "lastIndexOf", ("b",), 3),
        ("abc", "indexOf", ("x",), -1),
        ("abc", "charAt", (2,), "c"),
        ([1, 2], "size", (), 2),
        ([1, 2], "contains", (2,), True),
        ([1, 2], "indexOf", (9,), -1),
        ({"a": 1}, "get", ("b",), None),
        ({"a": 1}, "getOrDefault", ("b", 2), 2),
        ({"a": 1}, "containsKey", ("a",), True),
        ({"a": 1}, "containsValue", (1,), True),
        ({"a": 1}, "keySet", (), ["a"]),
        ({"a": 1}, "entrySet", (), [{"key": "a", "value": 1}]),
    ],
)
def test_methods(target: object, name: str, arguments: tuple[Any, ...], result: object) -> None:
    found = method(target, name)
    assert found is not None
    assert found(a_budget(), target, *arguments) == result
