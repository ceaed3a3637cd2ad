"""The tree of an expression: precedence of operators, arguments, attributes."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.expression import node as n
from contracts.language.expression.errors import ExpressionSyntaxError
from contracts.language.expression.expression_parser import MAX_DEPTH, ExpressionParser
from contracts.language.expression.lexer import Segment


def parse(source: str) -> n.Expression:
    return ExpressionParser(source, Segment("print", source, 0)).expression()


def shape(item: Any) -> Any:
    """Return the tree as nested tuples, without positions."""
    match item:
        case n.Constant(value):
            return value
        case n.Name(name):
            return f"${name}"
        case n.Binary(operator, left, right):
            return (operator, shape(left), shape(right))
        case n.Unary(operator, operand):
            return (operator, shape(operand))
        case n.Ternary(condition, yes, no):
            return ("?", shape(condition), shape(yes), shape(no))
        case n.Attribute(target, key):
            return (".", shape(target), shape(key))
        case n.Filter(target, name, arguments):
            return ("|", shape(target), name, *_arguments(arguments))
        case n.Test(target, name, negated):
            return ("is not" if negated else "is", shape(target), name)
        case n.Call(name, arguments):
            return (f"{name}()", *_arguments(arguments))
        case n.Method(target, name, arguments):
            return (f".{name}()", shape(target), *map(shape, arguments))
        case n.ListLiteral(items):
            return [shape(each) for each in items]
        case n.MapLiteral(items):
            return {shape(key): shape(value) for key, value in items}
        case n.Interpolation(parts):
            return ("#", *map(shape, parts))
    raise AssertionError(item)


def _arguments(arguments: n.Arguments) -> list[Any]:
    named = [f"{name}={shape(value)}" for name, value in arguments.named]
    return [*map(shape, arguments.positional), *named]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", ("+", 1, ("*", 2, 3))),
        ("(1 + 2) * 3", ("*", ("+", 1, 2), 3)),
        ("1 - 2 - 3", ("-", ("-", 1, 2), 3)),
        ("a or b and c", ("or", "$a", ("and", "$b", "$c"))),
        ("a == b and c", ("and", ("==", "$a", "$b"), "$c")),
        ("a + 1 > b", (">", ("+", "$a", 1), "$b")),
        ("a ~ b + c", ("+", ("~", "$a", "$b"), "$c")),
        ("a ?? b ~ c", ("~", ("??", "$a", "$b"), "$c")),
        ("a | upper ~ b", ("~", ("|", "$a", "upper"), "$b")),
        ("1 + a | abs", ("+", 1, ("|", "$a", "abs"))),
        ("not a == b", ("==", ("not", "$a"), "$b")),
        ("-a * 2", ("*", ("-", "$a"), 2)),
        ("a ? b : c ? d : e", ("?", "$a", "$b", ("?", "$c", "$d", "$e"))),
        ("a contains b", ("contains", "$a", "$b")),
    ],
)
def test_operators_bind_as_documented(source: str, expected: Any) -> None:
    assert shape(parse(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.b.c", (".", (".", "$a", "b"), "c")),
        ("a['b-c'][0]", (".", (".", "$a", "b-c"), 0)),
        ("a.0", (".", "$a", 0)),
        ("a.b()", (".b()", "$a")),
        ("a.get('x').y", (".", (".get()", "$a", "x"), "y")),
        ("f(1, b, c=2)", ("f()", 1, "$b", "c=2")),
        ("a | date('x', timeZone='UTC')", ("|", "$a", "date", "x", "timeZone=UTC")),
        ("a is not empty", ("is not", "$a", "empty")),
        ("[1, 'a', b]", [1, "a", "$b"]),
        ("{'a': 1, 'b': [2]}", {"a": 1, "b": [2]}),
        ('"a#{b + 1}c"', ("#", "a", ("+", "$b", 1), "c")),
        ("true", True),
        ("NULL", None),
    ],
)
def test_operands(source: str, expected: Any) -> None:
    assert shape(parse(source)) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "Expected a value"),
        ("1 +", "Expected a value"),
        ("a.", "an attribute"),
        ("f(a=1, 2)", "Positional arguments come before named ones"),
        ("[1 2]", "`,`"),
        ("(a", "`)`"),
        ("a ? b", "`:`"),
        ('"#{a"', "`#{` is not closed by `}`"),
    ],
)
def test_what_is_no_expression_is_refused(source: str, message: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse(source)
    assert message in caught.value.message
    assert caught.value.line == 1


def test_depth_has_a_bound() -> None:
    assert shape(parse("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1))) == 1
    with pytest.raises(ExpressionSyntaxError, match="nested deeper"):
        parse("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH)


def test_a_chain_of_attributes_has_a_bound() -> None:
    parse("a" + ".b" * 200)
    with pytest.raises(ExpressionSyntaxError, match="200 attributes"):
        parse("a" + ".b" * 201)


def test_a_row_of_operators_has_a_bound() -> None:
    parse("1" + " + 1" * 200)
    with pytest.raises(ExpressionSyntaxError, match="200 operators"):
        parse("1" + " + 1" * 201)
