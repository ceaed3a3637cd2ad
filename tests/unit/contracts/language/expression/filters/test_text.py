"""Filters on text."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'aBc' | upper", "ABC"),
        ("'aBc' | lower", "abc"),
        ("'  a b ' | trim", "a b"),
        ("' hello World' | capitalize", " Hello World"),
        ("'hello big world' | title", "Hello Big World"),
        ("'a long text' | abbreviate(8)", "a lon..."),
        ("'short' | abbreviate(5)", "short"),
        ("'a-b-c' | replace({'-': '+', 'c': 'd'})", "a+b+d"),
        ("'a1b22' | replace({'[0-9]+': '#'}, regexp=true)", "a#b#"),
        ("'a1' | replace({'1': 2})", "a2"),
        ("'a,b,,' | split(',')", ["a", "b"]),
        ("'a,b,c' | split(',', 2)", ["a", "b,c"]),
        ("'a1b2c' | split('[0-9]')", ["a", "b", "c"]),
        ("'a\nb' | nl2br", "a<br />b"),
        ("'  Déjà_vu, 2! ' | slugify", "deja-vu-2"),
        ("'a.b.c' | substringBefore('.')", "a"),
        ("'a.b.c' | substringBeforeLast('.')", "a.b"),
        ("'a.b.c' | substringAfter('.')", "b.c"),
        ("'a.b.c' | substringAfterLast('.')", "c"),
        ("'abc' | substringBefore('x')", "abc"),
        ("'abc' | substringAfter('x')", ""),
        ("'a\nb\nc' | indent(2)", "a\n  b\n  c"),
        ("'a\nb' | indent(1, '>')", "a\n>b"),
        ("'a\nb' | nindent(2)", "\n  a\n  b"),
        ("'' | nindent(2)", ""),
        ("'abc' | startsWith('ab')", True),
        ("'abc' | endsWith('ab')", False),
        ("'it\\'s' | escapeChar('single')", "it\\'s"),
        ("['a\\'b', 1] | escapeChar('shell')", ["a'\\''b", 1]),
        ("'order 42' | regexMatch('[0-9]+')", True),
        ("'a1b2' | regexReplace('([0-9])', '<$1>')", "a<1>b<2>"),
        ("'order 42' | regexExtract('[0-9]+')", "42"),
        ("'order 42' | regexExtract('([a-z]+) ([0-9]+)', 2)", "42"),
        ("'order' | regexExtract('[0-9]+')", None),
        ("'%s has %03d' | format('Ada', 7)", "Ada has 007"),
        ("missing | default('x')", "x"),
        ("null | default('x')", "x"),
        ("'a' | default('x')", "a"),
        ("[1, 2] | string", "[1,2]"),
    ],
)
def test_filters(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize("name", ["upper", "trim", "slugify", "nl2br", "split(',')", "abbreviate(3)"])
def test_null_stays_null(name: str) -> None:
    assert value_of(f"null | {name}") is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[1] | upper", "`upper`"),
        ("'a' | replace('b')", "a map of replacements"),
        ("'a' | escapeChar('html')", "single, double or shell"),
        ("'a' | regexExtract('a', 1)", "no group 1"),
        ("'a' | abbreviate('x')", "`abbreviate`"),
        ("'%d' | format('x')", "format"),
        ("'%9999999d' | format(1)", "widths"),
    ],
)
def test_a_value_that_a_filter_cannot_use_is_reported(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)


@pytest.mark.parametrize(
    "expression", ["text | replace({'a': text})", "text | indent(1000000)", "'a\na' | indent(1000000, text)"]
)
def test_a_filter_makes_no_text_without_bound(expression: str) -> None:
    with pytest.raises(LimitExceeded):
        value_of(expression, text="a\n" * 2_000)
