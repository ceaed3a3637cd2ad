"""Expressions: names, attributes, calls, short circuits, and errors with their places."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError, ExpressionSyntaxError, UndefinedVariable
from contracts.language.expression.template import compile_template
from tests.support.expression import render, value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b['c-d'][0]", 7),
        ("a.b['c-d'].0", 7),
        ("a[key]['c-d']", [7]),
        ("a.none ?? 'x'", "x"),
        ("a.none.deeper ?? 'x'", "x"),
        ("missing ?? a.none ?? 'x'", "x"),
        ("null ??? 'x'", None),
        ("missing ??? 'x'", "x"),
        ("true and false or true", True),
        ("not false", True),
        ("1 < 2 ? 'yes' : 'no'", "yes"),
        ("-a.b['c-d'][0] + 10", 3),
        ("[1, key, [2]]", [1, "b", [2]]),
        ("{key: 1, 'x': key}", {"b": 1, "x": "b"}),
        ('"<#{key}#{1 + 1}>"', "<b2>"),
        ("key.toUpperCase().length()", 1),
        ("'a' | upper | lower | default('x')", "a"),
    ],
)
def test_values(expression: str, expected: object) -> None:
    assert value_of(expression, a={"b": {"c-d": [7]}}, key="b") == expected


@pytest.mark.parametrize("expression", ["false and missing", "true or missing", "true ? 1 : missing"])
def test_what_decides_nothing_is_not_evaluated(expression: str) -> None:
    assert value_of(expression) in {False, True}


@pytest.mark.parametrize(
    ("expression", "name"),
    [("missing", "missing"), ("a.none", "none"), ("a['no-ne']", "no-ne"), ("l[5]", "5")],
)
def test_what_is_not_there_is_named_with_its_expression(expression: str, name: str) -> None:
    with pytest.raises(UndefinedVariable, match=f"Unable to find `{name}` used in the expression"):
        value_of(expression, a={}, l=[1])


def test_a_failure_says_where_it_happened() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("line one\n  {{ 1 / zero }}", zero=0)
    assert (caught.value.message, caught.value.line, caught.value.column) == ("Division by zero", 2, 8)


@pytest.mark.parametrize(
    ("source", "message", "suggestion"),
    [
        ("{{ nowx() }}", "Function or Macro [nowx] does not exist", "now"),
        ("{{ upper('a') }}", "Function or Macro [upper] does not exist", "is a filter"),
        ("{{ 'a' | uper }}", "uper", "upper"),
        ("{{ 'a' | now }}", "now", "is a function"),
        ("{{ a is evem }}", "evem", ""),
        ("{{ range(1) }}", "range", ""),
        ("{{ range(1, 2, 3, 4) }}", "range", ""),
        ("{{ now(fromat='x') }}", "fromat", ""),
    ],
)
def test_words_and_arguments_are_checked_before_anything_is_rendered(
    source: str, message: str, suggestion: str
) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_template(source)
    assert message in caught.value.message
    assert suggestion in caught.value.suggestion


def test_a_function_that_reaches_outside_needs_somebody_who_supplies_it() -> None:
    with pytest.raises(ExpressionError, match="a worker has it, and no worker renders this"):
        value_of("secret('KEY')")
    with pytest.raises(ExpressionError, match="not built here yet"):
        value_of("credential('key')")


def test_a_value_has_no_method_of_python() -> None:
    with pytest.raises(UndefinedVariable, match="A text has no method `encode`"):
        value_of("'a'.encode()")
