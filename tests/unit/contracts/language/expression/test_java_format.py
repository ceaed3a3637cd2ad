"""``String.format`` as Java's."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.java_format import formatted
from tests.support.budget import a_budget


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("%s", [True], "true"),
        ("%s", [None], "null"),
        ("%b %B %b", [True, False, "x"], "true FALSE true"),
        ("%,d", [1234567], "1,234,567"),
        ("%2$s-%1$s", ["a", "b"], "b-a"),
        ("%s %<S", ["a"], "a A"),
        ("100%% %S%n", ["x"], "100% X\n"),
        ("%s %s", [[1, True, None], {"a": True}], "[1, true, null] {a=true}"),
        ("%s %s", [1.0, 100000000.0], "1.0 1.0E8"),
        ("%.2f|%8.3f|%-8.1f|%08.2f", [2.345, 1.5, 1.25, -3.14159], "2.35|   1.500|1.3     |-0003.14"),
        ("%+d %(d % d", [5, -5, 5], "+5 (5)  5"),
        ("%05d|%-5d|%5d", [42, 42, 42], "00042|42   |   42"),
        ("%x %X %o %#x", [255, 255, 8, 255], "ff FF 10 0xff"),
        ("%x", [-1], "ffffffff"),
        ("%e %.2E", [12345.678, 0.00012], "1.234568e+04 1.20E-04"),
        ("%g %g", [0.00001, 123.456], "1.00000e-05 123.456"),
        ("%c%c", ["a", 66], "aB"),
        ("%.3s", ["abcdef"], "abc"),
        ("%.20f", [Decimal("0.12345678901234567890")], "0.12345678901234567890"),
        ("%.1f", [1e300], f"{10**300}.0".replace("1" + "0" * 300, f"{int(Decimal(repr(1e300)))}")),
        ("%d", [12345678901234567890123], "12345678901234567890123"),
    ],
)
def test_values_are_printed_as_in_java(text: str, arguments: list[object], expected: str) -> None:
    assert formatted(text, arguments, a_budget()) == expected


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("%s %s", ["a"], "there is no argument for `%s`"),
        ("%d", ["a"], "`%d` cannot print a text"),
        ("%d", [1.5], "`%d` cannot print a number"),
        ("%f", [True], "`%f` cannot print a boolean"),
        ("%q", ["a"], "`%q` is not supported"),
        ("100% sure%", ["a"], "is no placeholder"),
        ("%99999d", [1], "must be numbers up to 1000"),
    ],
)
def test_a_wrong_place_is_named(text: str, arguments: list[object], message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("%", "%")):
        formatted(text, arguments, a_budget())
