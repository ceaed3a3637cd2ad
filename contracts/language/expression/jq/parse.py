"""Reads a jq program into a tree of tuples: the kind of node, then its parts."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, TypeAlias

from contracts.language.expression.errors import ExpressionError

Node: TypeAlias = tuple[Any, ...]
_LONGEST = 4_000
_DEEPEST = 60
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_TOKEN = re.compile(
    r"(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<word>\$?[A-Za-z_][A-Za-z0-9_]*|@[a-z0-9]+)"
    r"|(?P<sign>\?//|\|=|//=|//|==|!=|<=|>=|\+=|-=|\*=|/=|%=|\.\.|[.|,:;()\[\]{}<>=+\-*/%?])|(?P<quote>\"))"
)
_BINARY = {
    "//": (2, "right"),
    "=": (3, "none"),
    "|=": (3, "none"),
    "+=": (3, "none"),
    "-=": (3, "none"),
    "*=": (3, "none"),
    "/=": (3, "none"),
    "%=": (3, "none"),
    "//=": (3, "none"),
    "or": (4, "left"),
    "and": (5, "left"),
    "==": (6, "none"),
    "!=": (6, "none"),
    "<": (6, "none"),
    "<=": (6, "none"),
    ">": (6, "none"),
    ">=": (6, "none"),
    "+": (7, "left"),
    "-": (7, "left"),
    "*": (8, "left"),
    "/": (8, "left"),
    "%": (8, "left"),
}
"""Strength and association. The pipe and the comma are weaker than all."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"'}


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        self.kind = self.text = ""
        self.begin = 0
        self.next()

    def next(self) -> None:
        blank = _BLANK.match(self.source, self.at)
        self.at = blank.end() if blank is not None else self.at
        match = _TOKEN.match(self.source, self.at)
        if match is None:
            self.begin, self.text = self.at, self.source[self.at : self.at + 1]
            self.kind = "bad" if self.text else "end"
            if self.text:
                raise self.wrong(f"`{self.text}` is not expected")
            return
        self.kind = str(match.lastgroup)
        self.text = match[self.kind]
        self.begin = match.start(self.kind)
        self.at = match.end()

    def wrong(self, why: str) -> ExpressionError:
        return ExpressionError(f"`jq`: {why} at position {self.begin + 1} of `{self.source}`")

    def take(self, text: str) -> bool:
        if self.text == text and self.kind in {"sign", "word"}:
            self.next()
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            found = f"`{self.text}`" if self.text else "the end"
            raise self.wrong(f"`{text}` is expected, not {found}")

    def pipe(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong("it is nested too deep")
        if self.text == "def":
            found = self._definition()
        else:
            left = self._comma()
            if self.text == "as" and self.kind == "word":
                self.next()
                name = self._variable()
                self.need("|")
                found = ("as", left, name, self.pipe())
            else:
                found = ("pipe", left, self.pipe()) if self.take("|") else left
        self.depth -= 1
        return found

    def _definition(self) -> Node:
        self.next()
        name = self._word()
        parameters: list[str] = []
        if self.take("("):
            while True:
                parameters.append(self._word())
                if not self.take(";"):
                    break
            self.need(")")
        self.need(":")
        body = self.pipe()
        self.need(";")
        return ("def", name, tuple(parameters), body, self.pipe())

    def _word(self) -> str:
        if self.kind != "word":
            raise self.wrong("a name is expected")
        text = self.text
        self.next()
        return text

    def _variable(self) -> str:
        name = self._word()
        if not name.startswith("$"):
            raise self.wrong("a variable such as `$x` is expected")
        return name

    def _comma(self) -> Node:
        left = self.binary(0)
        while self.take(","):
            left = ("comma", left, self.binary(0))
        return left

    def binary(self, least: int) -> Node:
        left = self._postfix(self._term())
        while self.text in _BINARY and self.kind in {"sign", "word"}:
            strength, side = _BINARY[self.text]
            if strength < least:
                break
            operator = self.text
            self.next()
            right = self.binary(strength if side == "right" else strength + 1)
            left = ("binary", operator, left, right)
        return left

    def _postfix(self, node: Node) -> Node:
        while True:
            if self.kind == "field":
                node = ("index", node, ("value", self.text[1:]))
                self.next()
            elif (
                self.text == "." and self.kind == "sign" and self.source[self.at : self.at + 1] in {'"', "["}
            ):
                self.next()
                if self.kind == "quote":
                    node = ("index", node, self._string(None))
            elif self.text == "[" and self.kind == "sign":
                node = self._bracket(node)
            elif self.take("?"):
                node = ("try", node, None)
            else:
                return node

    def _bracket(self, node: Node) -> Node:
        self.next()
        if self.take("]"):
            return ("each", node)
        if self.take(":"):
            end = self.pipe()
            self.need("]")
            return ("slice", node, None, end)
        first = self.pipe()
        if self.take(":"):
            last = None if self.text == "]" else self.pipe()
            self.need("]")
            return ("slice", node, first, last)
        self.need("]")
        return ("index", node, first)

    def _term(self) -> Node:
        kind, text = self.kind, self.text
        if kind == "number":
            self.next()
            return ("value", float(text) if re.search("[.eE]", text) else int(text))
        if kind == "quote":
            return self._string(None)
        if kind == "field":
            self.next()
            return ("index", ("self",), ("value", text[1:]))
        if kind == "word":
            return self._named(text)
        if self.take(".."):
            return ("call", "recurse", ())
        if self.take("."):
            if self.kind == "quote":
                return ("index", ("self",), self._string(None))
            return ("self",)
        if self.take("-"):
            return ("binary", "-", ("value", 0), self._postfix(self._term()))
        if self.take("("):
            inner = self.pipe()
            self.need(")")
            return inner
        if self.take("["):
            if self.take("]"):
                return ("array", None)
            inner = self.pipe()
            self.need("]")
            return ("array", inner)
        if self.take("{"):
            return self._object()
        raise self.wrong(f"`{text}` is not expected" if text else "something is missing")

    def _named(self, text: str) -> Node:
        self.next()
        if text.startswith("$"):
            return ("variable", text)
        if text.startswith("@"):
            return self._string(text) if self.kind == "quote" else ("format", text)
        if text == "if":
            return self._if()
        if text == "try":
            body = self._postfix(self._term())
            return ("try", body, self._postfix(self._term()) if self.take("catch") else None)
        if text in {"reduce", "foreach"}:
            return self._fold(text)
        if text in {"null", "true", "false"}:
            return ("value", {"null": None, "true": True, "false": False}[text])
        arguments: list[Node] = []
        if self.take("("):
            while True:
                arguments.append(self.pipe())
                if not self.take(";"):
                    break
            self.need(")")
        return ("call", text, tuple(arguments))

    def _if(self) -> Node:
        condition = self.pipe()
        self.need("then")
        then = self.pipe()
        if self.take("elif"):
            return ("if", condition, then, self._if())
        other: Node = self.pipe() if self.take("else") else ("self",)
        self.need("end")
        return ("if", condition, then, other)

    def _fold(self, kind: str) -> Node:
        source = self._postfix(self._term())
        self.need("as")
        name = self._variable()
        self.need("(")
        start = self.pipe()
        self.need(";")
        update = self.pipe()
        extract = self.pipe() if kind == "foreach" and self.take(";") else None
        self.need(")")
        return (kind, source, name, start, update, extract)

    def _object(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            if self.kind == "quote":
                key: Node = self._string(None)
                short: Node = ("index", ("self",), key)
            elif self.take("("):
                key = short = self.pipe()
                self.need(")")
            else:
                text = self.text
                self.next()
                if text.startswith("$"):
                    key, short = ("value", text[1:]), ("variable", text)
                else:
                    key, short = ("value", text), ("index", ("self",), ("value", text))
            entries.append((key, self._object_value() if self.take(":") else short))
            if not self.take(","):
                self.need("}")
                break
        return ("object", tuple(entries))

    def _object_value(self) -> Node:
        value = self.binary(0)
        while self.text == "|" and self.kind == "sign":
            self.next()
            value = ("pipe", value, self.binary(0))
        return value

    def _string(self, form: str | None) -> Node:
        """Read from after the quote. ``form``: how interpolated values are written, such as ``@json``."""
        parts: list[Node] = []
        text = ""
        while True:
            sign = self.source[self.at : self.at + 1]
            if not sign:
                raise self.wrong("a text is not closed")
            self.at += 1
            if sign == '"':
                break
            if sign != "\\":
                text += sign
                continue
            sign = self.source[self.at : self.at + 1]
            self.at += 1
            if sign == "(":
                parts.append(("value", text))
                text = ""
                self.next()
                parts.append(("written", self.pipe(), form))
                if not (self.text == ")" and self.kind == "sign"):
                    raise self.wrong("`)` is expected")
            elif sign == "u":
                text += json.loads(f'"\\u{self.source[self.at : self.at + 4]}"')
                self.at += 4
            elif sign in _ESCAPES:
                text += _ESCAPES[sign]
            else:
                raise self.wrong(f"`\\{sign}` is no escape")
        parts.append(("value", text))
        self.next()
        return parts[0] if len(parts) == 1 else ("string", tuple(parts))


@lru_cache(maxsize=256)
def parsed(source: str) -> Node:
    """Return the tree. Raise ExpressionError with the place of what is wrong."""
    if len(source) > _LONGEST:
        raise ExpressionError(f"`jq`: the program has more than {_LONGEST} characters")
    try:
        parser = _Parser(source)
        if parser.kind == "end":
            return ("self",)
        tree = parser.pipe()
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"`jq`: the program cannot be read: {error}") from error
    if parser.kind != "end":
        raise parser.wrong(f"`{parser.text}` is not expected")
    return tree
