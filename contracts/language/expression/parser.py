"""Parses a template to the tree: text, ``{{ }}`` and one function for each tag (docs/language/expressions.md#tags)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.language.expression import node as n
from contracts.language.expression.expression_parser import MAX_DEPTH, ExpressionParser
from contracts.language.expression.lexer import Segment, split
from contracts.language.expression.place import syntax_error

_MAX_CODE = 100_000
"""What is compiled from a character takes about 300 bytes."""


def parse(source: str) -> n.Tree:
    """Parse a template. Raise ExpressionSyntaxError if it is wrong."""
    return _TemplateParser(source).parse()


@dataclass(frozen=True, slots=True)
class _Ending:
    """The tag that ended a body, and the rest of that tag."""

    word: str
    rest: ExpressionParser


class _TemplateParser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.segments = split(source)
        self.code = sum(len(each.text) for each in self.segments if each.kind in {"print", "tag"})
        if self.code > _MAX_CODE:
            raise syntax_error(f"The template has more than {_MAX_CODE} characters between braces", source, 0)
        self.at = 0
        self.depth = 0
        self.tree = n.Tree(source, ())

    def parse(self) -> n.Tree:
        body, ended_by = self._body(frozenset())
        assert ended_by is None
        return n.Tree(self.source, body, self.tree.macros, self.tree.blocks, self.code)

    def _body(self, until: frozenset[str]) -> tuple[n.Body, _Ending | None]:
        """Parse statements up to a tag of ``until``, and return that tag. Return None at the end of the template."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax_error(
                f"Tags are nested deeper than {MAX_DEPTH}", self.source, self.segments[self.at - 1].position
            )
        statements: list[n.Statement] = []
        while self.at < len(self.segments):
            segment = self.segments[self.at]
            self.at += 1
            match segment.kind:
                case "text":
                    statements.append(n.Text(segment.text))
                case "raw":
                    statements.append(n.Raw(segment.text))
                case "print":
                    statements.append(self._print(segment))
                case "tag":
                    tag = ExpressionParser(self.source, segment)
                    word = tag.expect_name("a tag")
                    if word in until:
                        self.depth -= 1
                        return tuple(statements), _Ending(word, tag)
                    statements.append(self._tag(word, tag, segment))
        if until:
            wanted = " or ".join(f"`{{% {w} %}}`" for w in sorted(until) if w.startswith("end"))
            raise syntax_error(f"Missing {wanted}", self.source, len(self.source))
        self.depth -= 1
        return tuple(statements), None

    def _print(self, segment: Segment) -> n.Print:
        parser = ExpressionParser(self.source, segment)
        expression = parser.expression()
        parser.expect_end()
        return n.Print(expression, segment.position)

    def _tag(self, word: str, tag: ExpressionParser, segment: Segment) -> n.Statement:
        position = segment.position
        match word:
            case "if":
                return self._if(tag, position)
            case "for":
                return self._for(tag, position)
            case "set":
                name = tag.expect_name("a variable")
                tag.expect("=")
                value = tag.expression()
                tag.expect_end()
                return n.Set(name, value, position)
            case "macro":
                return self._macro(tag, position)
            case "block":
                name = (
                    tag.expect_name("a block name") if tag.token.kind == "name" else tag.take("string").text
                )
                block = n.Block(name, self._closed(tag, "endblock"), position)
                self.tree.blocks[name] = block
                return block
            case "filter":
                filters = [tag.call_of_filter()]
                while tag.accept("|"):
                    filters.append(tag.call_of_filter())
                return n.FilterTag(tuple(filters), self._closed(tag, "endfilter"), position)
        known = "if, for, set, macro, block, filter, raw, verbatim"
        raise syntax_error(f"Unknown tag `{word}`; the tags are {known}", self.source, position)

    def _closed(self, tag: ExpressionParser, end: str) -> n.Body:
        tag.expect_end()
        body, _ = self._body(frozenset({end}))
        return body

    def _if(self, tag: ExpressionParser, position: int) -> n.If:
        branches: list[tuple[n.Expression, n.Body]] = []
        condition: n.Expression | None = tag.expression()
        tag.expect_end()
        otherwise: n.Body = ()
        while True:
            until = {"elseif", "else", "endif"} if condition is not None else {"endif"}
            body, ended_by = self._body(frozenset(until))
            assert ended_by is not None
            if condition is None:
                otherwise = body
            else:
                branches.append((condition, body))
            if ended_by.word == "endif":
                return n.If(tuple(branches), otherwise, position)
            condition = ended_by.rest.expression() if ended_by.word == "elseif" else None
            ended_by.rest.expect_end()

    def _for(self, tag: ExpressionParser, position: int) -> n.For:
        name = tag.expect_name("a variable")
        if tag.expect_name("`in`") != "in":
            raise syntax_error("Expected `in`", self.source, position)
        items = tag.expression()
        tag.expect_end()
        body, ended_by = self._body(frozenset({"else", "endfor"}))
        otherwise: n.Body = ()
        assert ended_by is not None
        if ended_by.word == "else":
            otherwise, _ = self._body(frozenset({"endfor"}))
        return n.For(name, items, body, otherwise, position)

    def _macro(self, tag: ExpressionParser, position: int) -> n.Macro:
        name = tag.expect_name("a macro name")
        tag.expect("(")
        parameters: list[tuple[str, n.Expression | None]] = []
        while not tag.accept(")"):
            if parameters:
                tag.expect(",")
            parameter = tag.expect_name("a parameter")
            parameters.append((parameter, tag.expression() if tag.accept("=") else None))
        macro = n.Macro(name, tuple(parameters), self._closed(tag, "endmacro"), position)
        self.tree.macros[name] = macro
        return macro
