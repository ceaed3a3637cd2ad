"""Splits template text into segments, and the inside of delimiters into tokens."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionSyntaxError
from contracts.language.expression.lexer import Segment, split, tokenize


def segments(source: str) -> list[tuple[str, str]]:
    return [(segment.kind, segment.text) for segment in split(source)]


def tokens(inside: str) -> list[tuple[str, str]]:
    """Return the tokens without the last one, which ends every list."""
    *found, end = tokenize(inside, Segment("print", inside, 0))
    assert end.kind == "end"
    return [(token.kind, token.text) for token in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("plain { text }", [("text", "plain { text }")]),
        ("a {{ b }} c", [("text", "a "), ("print", " b "), ("text", " c")]),
        ("{% if x %}y{% endif %}", [("tag", " if x "), ("text", "y"), ("tag", " endif ")]),
        ("a{# not seen #}b", [("text", "a"), ("text", "b")]),
        ("{{ {'a': 1} }}", [("print", " {'a': 1} ")]),
        ("{{ {'a': {'b': 1}}}}", [("print", " {'a': {'b': 1}}")]),
        ("{{ '}}' }}", [("print", " '}}' ")]),
        ('{{ "\\"}}" }}', [("print", ' "\\"}}" ')]),
        ("{% raw %}{{ x }}{% endraw %}", [("raw", "{{ x }}")]),
        ("{% verbatim %}{% if %}{% endverbatim %}!", [("raw", "{% if %}"), ("text", "!")]),
    ],
)
def test_a_template_is_split_at_its_delimiters(source: str, expected: list[tuple[str, str]]) -> None:
    assert segments(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a  {{- b }}", [("text", "a"), ("print", " b ")]),
        ("{{ a -}} \n b", [("print", " a "), ("text", "b")]),
        ("a {%- if x -%} b", [("text", "a"), ("tag", " if x "), ("text", "b")]),
        ("a {#- c -#} b", [("text", "a "), ("text", "b")]),
        ("{{ a }} \n b", [("print", " a "), ("text", " \n b")]),
        ("{% raw -%} x {%- endraw %}", [("raw", "x")]),
    ],
)
def test_a_dash_trims_the_text_beside_it(source: str, expected: list[tuple[str, str]]) -> None:
    assert segments(source) == expected


def test_segments_say_where_they_begin() -> None:
    text, printed = split("ab{{ c }}")
    assert (text.position, printed.position) == (0, 4)


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ("a {{ b", "`{{` is not closed by `}}`", 3),
        ("{% if x", "`{%` is not closed by `%}`", 1),
        ("ab {# c", "The comment is not closed by `#}`", 4),
        ("{% raw %} x", "`raw` is not closed by `{% endraw %}`", 10),
    ],
)
def test_what_is_not_closed_is_refused_where_it_begins(source: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        split(source)
    assert caught.value.message == message
    assert (caught.value.line, caught.value.column) == (1, column)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("a.b_1", [("name", "a"), ("op", "."), ("name", "b_1")]),
        ("1 2.5 3L", [("int", "1"), ("float", "2.5"), ("int", "3")]),
        ("1..3", [("int", "1"), ("op", ".."), ("int", "3")]),
        ("a ?? b ??? c", [("name", "a"), ("op", "??"), ("name", "b"), ("op", "???"), ("name", "c")]),
        ("a<=b!=c", [("name", "a"), ("op", "<="), ("name", "b"), ("op", "!="), ("name", "c")]),
        ("größe", [("name", "größe")]),
        ("'it''s'", [("string", "it"), ("string", "s")]),
        (r"'it\'s'", [("string", "it's")]),
        (r"'a\\d'", [("string", r"a\d")]),
        (r"'a\d'", [("string", r"a\d")]),
        ('"a#{b}"', [("interpolated", "a#{b}")]),
        ("'a#{b}'", [("string", "a#{b}")]),
    ],
)
def test_tokens(inside: str, expected: list[tuple[str, str]]) -> None:
    assert tokens(inside) == expected


@pytest.mark.parametrize(
    ("inside", "message", "column"),
    [("a & b", "Unexpected character `&`", 3), ("a ~ 'b", "The text is not closed by its quote", 5)],
)
def test_what_is_no_token_is_refused_with_its_place(inside: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        tokens(inside)
    assert (caught.value.message, caught.value.column) == (message, column)
