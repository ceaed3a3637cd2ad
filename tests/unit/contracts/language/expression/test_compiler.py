"""Tags: branches, loops, variables, macros, blocks, filters around text."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import render


@pytest.mark.parametrize(("n", "printed"), [(1, "one"), (2, "two"), (3, "many")])
def test_the_first_true_branch_is_printed(n: int, printed: str) -> None:
    assert render("{% if n == 1 %}one{% elseif n == 2 %}two{% else %}many{% endif %}", n=n) == printed


def test_a_branch_that_is_not_taken_is_not_evaluated() -> None:
    assert render("{% if true %}a{% elseif missing %}b{% else %}{{ missing }}{% endif %}") == "a"


def test_a_condition_that_is_neither_true_nor_false_is_placed() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("x\n{% if items %}a{% endif %}", items=[1])
    assert "neither true nor false" in caught.value.message
    assert caught.value.line == 2


def test_a_loop_knows_where_it_is() -> None:
    source = (
        "{% for x in xs %}{{ loop.index }}/{{ loop.length }} {{ loop.first }} {{ loop.last }} "
        "{{ loop.revindex }} {{ x }};{% endfor %}"
    )
    assert render(source, xs=["a", "b"]) == "0/2 true false 1 a;1/2 false true 0 b;"


def test_a_loop_over_nothing_prints_its_else() -> None:
    source = "{% for x in xs %}{{ x }}{% else %}none{% endfor %}"
    assert render(source, xs=[]) == "none"
    assert render(source, xs=None) == "none"


def test_a_loop_over_a_map_gives_entries() -> None:
    assert render("{% for e in m %}{{ e.key }}={{ e.value }} {% endfor %}", m={"a": 1, "b": 2}) == "a=1 b=2 "


def test_the_variable_of_a_loop_ends_with_it() -> None:
    assert render("{% for x in [1] %}{{ x }}{% endfor %}{{ x }}", x="outer") == "1outer"
    assert render("{% for x in [1] %}{% for x in [2] %}{{ x }}{% endfor %}{{ x }}{% endfor %}") == "21"


def test_what_was_set_is_seen_from_there_on() -> None:
    assert render("{% set a = b + 1 %}{{ a }}{% set a = a * 2 %}{{ a }}", b=1) == "24"


def test_a_macro_sees_its_arguments_alone() -> None:
    source = "{% macro m(a, b='!') %}[{{ a }}{{ b }}{{ c ?? '-' }}]{% endmacro %}"
    assert render(source + "{{ m('x') }}{{ m('y', b='?') }}{{ m() }}", c="seen") == "[x!-][y?-][!-]"


def test_a_macro_with_too_many_arguments_is_refused() -> None:
    with pytest.raises(ExpressionError, match="takes 1 arguments, but 2 are given"):
        render("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}")


def test_macros_that_call_each_other_for_ever_are_refused() -> None:
    with pytest.raises(ExpressionError, match="without end"):
        render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")


def test_filters_around_text_apply_from_left_to_right() -> None:
    assert render("{% filter trim | upper %} {{ a }} b {% endfilter %}", a="x") == "X B"


def test_raw_text_is_printed_unchanged() -> None:
    assert render("{% raw %}{{ a }}{% endraw %}", a=1) == "{{ a }}"
