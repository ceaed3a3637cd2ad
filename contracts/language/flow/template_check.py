"""Finds the expressions in a value and those among them that do not compile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import compile_template
from contracts.language.flow.document import Document
from contracts.language.flow.violation import Path, Violation, path_text

_TOO_LONG = "The expression is a longer chain than can be compiled: split it over variables"


def texts_in(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text with its path; keys of maps count, at the path of their value, since they are rendered too."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if has_expression(str(key)):
                yield (*path, str(key)), str(key)
            yield from texts_in(part, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield from texts_in(part, (*path, index))


def syntax_violations(value: object, path: Path, document: Document) -> Iterator[Violation]:
    """One violation an expression that does not compile, at its own line where the text is a block."""
    for at, text in texts_in(value, path):
        if not has_expression(text):
            continue
        try:
            compile_template(text)
        except (ExpressionError, RecursionError) as caught:
            error = caught if isinstance(caught, ExpressionError) else ExpressionError(_TOO_LONG)
            line, column = document.position(at)
            if document.is_literal(at):
                line += error.line
            elif error.line <= 1:
                column += max(error.column - 1, 0)
            yield Violation(f"Invalid expression: {error}", path_text(at), line, column, text)
