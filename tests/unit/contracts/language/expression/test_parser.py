"""Parses template text to the tree: text, prints and tags."""

from __future__ import annotations

import pytest

from contracts.language.expression import node as n
from contracts.language.expression.errors import ExpressionSyntaxError
from contracts.language.expression.parser import parse


def kinds(source: str) -> list[str]:
    return [type(statement).__name__ for statement in parse(source).body]


def test_text_and_prints_stand_in_order() -> None:
    assert kinds("a {{ b }} c") == ["Text", "Print", "Text"]
    assert kinds("{% raw %}{{ a }}{% endraw %}") == ["Raw"]
    assert kinds("") == []


def test_if_has_its_branches_in_order_and_an_else() -> None:
    (statement,) = parse("{% if a %}1{% elseif b %}2{% else %}3{% endif %}").body
    assert isinstance(statement, n.If)
    conditions = [condition for condition, _ in statement.branches]
    assert [c.name for c in conditions if isinstance(c, n.Name)] == ["a", "b"]
    assert [body for _, body in statement.branches] == [(n.Text("1"),), (n.Text("2"),)]
    assert statement.otherwise == (n.Text("3"),)


def test_for_has_a_name_a_body_and_a_body_for_nothing() -> None:
    (statement,) = parse("{% for x in xs %}a{% else %}none{% endfor %}").body
    assert isinstance(statement, n.For)
    assert (statement.name, statement.body, statement.otherwise) == ("x", (n.Text("a"),), (n.Text("none"),))


def test_set_keeps_the_value_as_an_expression() -> None:
    (statement,) = parse("{% set x = 1 %}").body
    assert isinstance(statement, n.Set)
    assert statement.name == "x"
    assert isinstance(statement.value, n.Constant)


def test_macros_and_blocks_are_known_to_the_whole_template() -> None:
    tree = parse("{% macro hi(name, mark='!') %}x{% endmacro %}{% block b %}y{% endblock %}")
    assert [name for name, _ in tree.macros["hi"].parameters] == ["name", "mark"]
    assert tree.blocks["b"].body == (n.Text("y"),)


def test_a_filter_tag_has_its_filters_from_left_to_right() -> None:
    (statement,) = parse("{% filter upper | trim %}a{% endfilter %}").body
    assert isinstance(statement, n.FilterTag)
    assert [name for name, _ in statement.filters] == ["upper", "trim"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{% if a %}b", 1),
        ("{% endif %}", 1),
        ("x\n{% for a b %}{% endfor %}", 2),
        ("{% unknown %}", 1),
        ("{{ a b }}", 1),
        ("{{ }}", 1),
        ("x\ny\n{% set = 1 %}", 3),
    ],
)
def test_what_is_no_template_is_refused_with_its_line(source: str, line: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse(source)
    assert caught.value.line == line


def test_tags_are_nested_up_to_a_bound() -> None:
    parse("{% if a %}" * 50 + "{% endif %}" * 50)
    with pytest.raises(ExpressionSyntaxError, match="nested deeper"):
        parse("{% if a %}" * 100 + "{% endif %}" * 100)
