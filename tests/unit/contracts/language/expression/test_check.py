"""The tests behind ``is``."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("null is null", True),
        ("'' is null", False),
        ("'' is empty", True),
        ("'  ' is empty", True),
        ("[] is empty", True),
        ("{} is empty", True),
        ("null is empty", True),
        ("0 is empty", False),
        ("'a' is not empty", True),
        ("missing is defined", False),
        ("missing.deep.path is defined", False),
        ("null is defined", False),
        ("0 is defined", True),
        ("4 is even", True),
        ("3 is odd", True),
        ("0 is odd", False),
        ("{} is map", True),
        ("[] is map", False),
        ("[] is iterable", True),
    ],
)
def test_checks(expression: str, expected: bool) -> None:
    assert value_of(expression) is expected


@pytest.mark.parametrize("expression", ["'4' is even", "2.0 is even", "true is odd", "null is even"])
def test_only_integers_are_even_or_odd(expression: str) -> None:
    with pytest.raises(ExpressionError, match="need an integer"):
        value_of(expression)
