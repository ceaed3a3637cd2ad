"""Parses the expressions in ``{{ }}`` and in tags, by precedence climbing (docs/language/expressions.md#operators).
It does not know tags."""

from __future__ import annotations

from contracts.language.expression import node as n
from contracts.language.expression.errors import ExpressionSyntaxError
from contracts.language.expression.lexer import Segment, Token, tokenize
from contracts.language.expression.place import syntax_error

_BINARY = {
    "??": 120, "???": 120, "..": 120,
    "~": 110,
    "|": 100,
    "*": 60, "/": 60, "%": 60,
    "+": 40, "-": 40,
    "==": 30, "equals": 30, "!=": 30, ">": 30, "<": 30, ">=": 30, "<=": 30,
    "is": 20, "contains": 20, "isIn": 20, "isNotIn": 20,
    "and": 15,
    "or": 10,
}  # fmt: skip
_CONSTANTS: dict[str, object] = {
    "true": True, "TRUE": True, "false": False, "FALSE": False,
    "null": None, "NULL": None, "none": None, "NONE": None,
}  # fmt: skip
MAX_DEPTH = 60
"""The deepest nesting of expressions, and of tags."""
_MAX_CHAIN = 200
"""The most operators or attributes in a row. The tree gets one level deeper with each, and its users recurse."""


class ExpressionParser:
    """Parses one segment. It stops where the expression ends. The caller decides what may follow."""

    def __init__(self, source: str, segment: Segment, depth: int = 0) -> None:
        self.source = source
        self.tokens = tokenize(source, segment)
        self.at = 0
        self.depth = depth

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def expression(self) -> n.Expression:
        """Parse a ternary or any simpler expression."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"The expression is nested deeper than {MAX_DEPTH}")
        condition = self._binary(0)
        if self.accept("?"):
            position = self.token.position
            yes = self.expression()
            self.expect(":")
            condition = n.Ternary(condition, yes, self.expression(), position)
        self.depth -= 1
        return condition

    def _binary(self, lowest: int) -> n.Expression:
        left = self._unary()
        for _ in range(_MAX_CHAIN + 1):
            token = self.token
            precedence = _BINARY.get(token.text, -1) if token.kind in {"op", "name"} else -1
            if precedence < max(lowest, 1):
                return left
            self.at += 1
            left = self._operation(left, token, precedence)
        raise self.error(f"More than {_MAX_CHAIN} operators in a row")

    def _operation(self, left: n.Expression, token: Token, precedence: int) -> n.Expression:
        match token.text:
            case "|":
                name, arguments = self.call_of_filter()
                return n.Filter(left, name, arguments, token.position)
            case "is":
                negated = self.accept_name("not")
                name = self.expect_name("a test")
                return n.Test(left, name, negated, token.position)
            case operator:
                return n.Binary(operator, left, self._binary(precedence + 1), token.position)

    def _unary(self) -> n.Expression:
        token = self.token
        is_sign = token.kind == "op" and token.text in {"-", "+"}
        if is_sign or (token.kind == "name" and token.text == "not"):
            self.at += 1
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.error(f"The expression is nested deeper than {MAX_DEPTH}")
            operand = self._unary()
            self.depth -= 1
            return n.Unary(token.text, operand, token.position)
        return self._postfix(*self._primary())

    def _primary(self) -> tuple[n.Expression, bool]:
        """Parse an operand. Also return whether ``.x`` and ``[i]`` may follow it."""
        token = self.token
        self.at += 1
        match token.kind:
            case "int":
                return n.Constant(int(token.text), token.position), False
            case "float":
                return n.Constant(float(token.text), token.position), False
            case "string":
                return n.Constant(token.text, token.position), True
            case "interpolated":
                return self._interpolation(token), True
            case "name":
                if token.text in _CONSTANTS:
                    return n.Constant(_CONSTANTS[token.text], token.position), False
                if self.accept("("):
                    return n.Call(token.text, self.arguments(), token.position), True
                return n.Name(token.text, token.position), True
            case "op" if token.text == "(":
                inner = self.expression()
                self.expect(")")
                return inner, True
            case "op" if token.text == "[":
                return self._list(token), False
            case "op" if token.text == "{":
                return self._map(token), False
        self.at -= 1
        raise self.error(f"Expected a value, found `{token.text}`" if token.text else "Expected a value")

    def _postfix(self, target: n.Expression, may_follow: bool) -> n.Expression:  # noqa: FBT001 - from _primary
        links = 0
        while may_follow and self._at_link():
            links += 1
            if links > _MAX_CHAIN:
                raise self.error(f"More than {_MAX_CHAIN} attributes in a row")
            position = self.token.position
            if self.accept("."):
                if self.token.kind == "int":
                    target = n.Attribute(target, n.Constant(int(self.take("int").text), position), position)
                    continue
                name = self.expect_name("an attribute")
                if self.accept("("):
                    arguments = self.arguments()
                    target = n.Method(target, name, arguments.positional, position)
                else:
                    target = n.Attribute(target, n.Constant(name, position), position)
            else:
                self.expect("[")
                key = self.expression()
                self.expect("]")
                target = n.Attribute(target, key, position)
        return target

    def _at_link(self) -> bool:
        return self.token.kind == "op" and self.token.text in {".", "["}

    def arguments(self) -> n.Arguments:
        """Parse arguments, from after the opening parenthesis through the closing one."""
        positional: list[n.Expression] = []
        named: list[tuple[str, n.Expression]] = []
        while not self.accept(")"):
            if positional or named:
                self.expect(",")
            following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
            if self.token.kind == "name" and following.kind == "op" and following.text == "=":
                name = self.expect_name("an argument")
                self.expect("=")
                named.append((name, self.expression()))
            elif named:
                raise self.error("Positional arguments come before named ones")
            else:
                positional.append(self.expression())
        return n.Arguments(tuple(positional), tuple(named))

    def call_of_filter(self) -> tuple[str, n.Arguments]:
        name = self.expect_name("a filter")
        return name, (self.arguments() if self.accept("(") else n.Arguments())

    def _list(self, token: Token) -> n.ListLiteral:
        items: list[n.Expression] = []
        while not self.accept("]"):
            if items:
                self.expect(",")
            items.append(self.expression())
        return n.ListLiteral(tuple(items), token.position)

    def _map(self, token: Token) -> n.MapLiteral:
        items: list[tuple[n.Expression, n.Expression]] = []
        while not self.accept("}"):
            if items:
                self.expect(",")
            key = self.expression()
            self.expect(":")
            items.append((key, self.expression()))
        return n.MapLiteral(tuple(items), token.position)

    def _interpolation(self, token: Token) -> n.Interpolation:
        parts: list[n.Expression] = []
        rest, position = token.text, token.position
        while (start := rest.find("#{")) >= 0:
            end = rest.find("}", start)
            if end < 0:
                raise syntax_error("`#{` is not closed by `}`", self.source, position + start)
            if start:
                parts.append(n.Constant(rest[:start], position))
            inner = Segment("print", rest[start + 2 : end], position + start + 2)
            parser = ExpressionParser(self.source, inner, self.depth)
            parts.append(parser.expression())
            parser.expect_end()
            rest, position = rest[end + 1 :], position + end + 1
        if rest:
            parts.append(n.Constant(rest, position))
        return n.Interpolation(tuple(parts), token.position)

    def accept(self, operator: str) -> bool:
        if self.token.kind == "op" and self.token.text == operator:
            self.at += 1
            return True
        return False

    def accept_name(self, name: str) -> bool:
        if self.token.kind == "name" and self.token.text == name:
            self.at += 1
            return True
        return False

    def expect(self, operator: str) -> None:
        if not self.accept(operator):
            raise self.error(
                f"Expected `{operator}`" + (f", found `{self.token.text}`" if self.token.text else "")
            )

    def expect_name(self, what: str) -> str:
        return self.take("name", what).text

    def take(self, kind: str, what: str = "a value") -> Token:
        token = self.token
        if token.kind != kind:
            raise self.error(f"Expected {what}" + (f", found `{token.text}`" if token.text else ""))
        self.at += 1
        return token

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.error(f"Unexpected `{self.token.text}`")

    def error(self, message: str) -> ExpressionSyntaxError:
        return syntax_error(message, self.source, self.token.position)
