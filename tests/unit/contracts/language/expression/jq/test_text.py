"""jq's functions on texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq.text import WORDS
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template


def call(name: str, value: Any, *arguments: Any) -> list[Any]:
    frame = Frame(Scope({}, datetime(2026, 1, 1, tzinfo=UTC), 1), compile_template)
    return list(WORDS[name, len(arguments)](frame, value, *arguments))


@pytest.mark.parametrize(
    ("name", "value", "arguments", "expected"),
    [
        ("scan", "a1b22", ("[0-9]+",), ["1", "22"]),
        ("scan", "a1b2", ("([a-z])([0-9])",), [["a", "1"], ["b", "2"]]),
        ("split", "a1b2c", ("[0-9]", None), [["a", "b", "c"]]),
        ("sub", "aXbX", ("x", "-", "i"), ["a-bX"]),
        ("test", "ABC", ("b", "i"), [True]),
        ("implode", [72, 105], (), ["Hi"]),
        ("join", [None, 1, "a"], ("-",), ["-1-a"]),
        ("ltrimstr", 5, ("a",), [5]),
    ],
)
def test_texts_are_changed(name: str, value: Any, arguments: tuple[Any, ...], expected: list[Any]) -> None:
    assert call(name, value, *arguments) == expected


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [("test", 5, ("a",)), ("test", "a", ("a", "q")), ("startswith", 5, ("a",)), ("test", "a", ("(",))],
)
def test_what_does_not_fit_is_an_error(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ExpressionError):
        call(name, value, *arguments)
