"""Filters on numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-3 | abs", 3),
        ("(0 - 2.5) | abs", 2.5),
        ("'41' | number", 41),
        ("'-7' | number('INT')", -7),
        ("'1.5' | number", 1.5),
        ("'1.5' | number('DOUBLE')", 1.5),
        ("'0.1' | number('BIGDECIMAL')", Decimal("0.1")),
        ("'123456789012345678901234567890' | number('BIGINTEGER')", 123456789012345678901234567890),
    ],
)
def test_numbers(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("number", "pattern", "printed"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (1234567, "#,###", "1,234,567"),
        (0.5, "#.##", ".5"),
        (0.5, "0.##", "0.5"),
        (3.14159, "0.00", "3.14"),
        (2.5, "0", "2"),
        (3.5, "0", "4"),
        (7, "000", "007"),
        (0.256, "0.0%", "25.6%"),
        (5, "$0.00", "$5.00"),
        (-1234.5, "#,##0.0", "-1,234.5"),
        (Decimal("0.125"), "0.00", "0.12"),
    ],
)
def test_formats_of_java(number: object, pattern: str, printed: str) -> None:
    assert value_of("number | numberFormat(pattern)", number=number, pattern=pattern) == printed


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("'a' | className", "java.lang.String"),
        ("true | className", "java.lang.Boolean"),
        ("7 | className", "java.lang.Integer"),
        ("3000000000 | className", "java.lang.Long"),
        ("1.5 | className", "java.lang.Double"),
        ("'1.5' | number | className", "java.lang.Float"),
        ("'1' | number('BIGINTEGER') | className", "java.math.BigInteger"),
        ("'1' | number('BIGDECIMAL') | className", "java.math.BigDecimal"),
        ("[] | className", "java.util.ArrayList"),
        ("{} | className", "java.util.LinkedHashMap"),
    ],
)
def test_class_names_are_those_of_java(expression: str, name: str) -> None:
    assert value_of(expression) == name


@pytest.mark.parametrize("name", ["abs", "number", "numberFormat('0')", "className"])
def test_null_stays_null(name: str) -> None:
    assert value_of(f"null | {name}") is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'a' | abs", "needs a number, found text"),
        ("true | abs", "needs a number, found boolean"),
        ("7 | number", "needs text, found number"),
        ("'x' | number", "`x` is not a number"),
        ("'1.5' | number('INT')", "`1.5` is not a number"),
        ("'1' | number('BYTE')", "does not know the type `BYTE`"),
        ("7 | numberFormat('abc')", "has no digits"),
    ],
)
def test_a_value_that_a_filter_cannot_use_is_reported(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)
