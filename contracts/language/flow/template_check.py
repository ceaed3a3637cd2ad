"""Finds the expressions in a value that do not compile, and those that will fail when they are rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import IMPURE_FUNCTIONS, why_unavailable
from contracts.language.expression.presence import BEFORE_CONDITION, condition_source, has_expression
from contracts.language.expression.template import compile_template
from contracts.language.flow.violation import Path, Violation, path_text
from contracts.language.yaml_text.document import Document

_OLD_WORDS = re.compile(r"(\|\s*)json\b(?!\s*\w)|(?<![\w.|])json\s*\(")
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_TOO_LONG = "The expression is a longer chain than can be compiled: split it over variables"


def texts_in(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text with its path. Keys of maps count too, at the path of their value, because they are rendered."""
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


def template_violations(
    value: object, path: Path, document: Document, supplied: frozenset[str]
) -> Iterator[Violation]:
    """Return a violation for each expression that does not compile, at its own line if the text is a block. Return a warning for
    each function in the others that needs outside access and is not ``supplied``, and a deprecation for old words."""
    for at, text in texts_in(value, path):
        if not has_expression(text):
            continue
        try:
            calls = compile_template(text).calls
        except (ExpressionError, RecursionError) as caught:
            error = caught if isinstance(caught, ExpressionError) else ExpressionError(_TOO_LONG)
            line, column = _place(at, error.line, error.column, document)
            message = f"Invalid expression: {error.placed}"
            yield Violation(message, path_text(at), line, column, text, suggestion=error.suggestion)
            continue
        yield from _deprecated(at, text, document)
        for name in sorted(calls & (IMPURE_FUNCTIONS - supplied)):
            called = re.search(rf"\b{name}\s*\(", text)
            before = text[: called.start()] if called else ""
            line, column = _place(at, before.count("\n") + 1, len(before) - before.rfind("\n"), document)
            message = f"{why_unavailable(name)}: rendering this fails"
            yield Violation(message, path_text(at), line, column, text, "warning")


def _deprecated(at: Path, text: str, document: Document) -> Iterator[Violation]:
    """Return a deprecation for each old word. What only looks like one stands in a text, and is passed over."""
    for found in _OLD_WORDS.finditer(_TEXTS.sub(lambda quoted: " " * len(quoted[0]), text)):
        name, new = ("Filter", "toJson") if found[1] else ("Function", "fromJson")
        before = text[: found.start(0)]
        line, column = _place(at, before.count("\n") + 1, len(before) - before.rfind("\n"), document)
        message = f"{name} `json` is replaced by `{new}`"
        yield Violation(message, path_text(at), line, column, text, "deprecation")


def condition_violations(
    text: str, path: Path, document: Document, supplied: frozenset[str]
) -> Iterator[Violation]:
    """Return those of a trigger's condition, which may be written without braces."""
    source = condition_source(text)
    added = len(BEFORE_CONDITION) if source != text else 0
    first, left = document.text_position(path)
    for found in template_violations(source, path, document, supplied):
        shift = (
            min(added, found.column - left) if found.line == first and not document.is_literal(path) else 0
        )
        yield replace(found, column=found.column - shift, value=text)


def _place(at: Path, line: int, column: int, document: Document) -> tuple[int, int]:
    """Return the place in the source: exact in a block, and in the first line of any other text."""
    top, left = document.text_position(at)
    if document.is_literal(at):
        return top + max(line - 1, 0), left
    return top, left + max(column - 1, 0) if line <= 1 else left
