"""The entrance: compile a template once, render it often."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from contracts.language.expression.analysis import references
from contracts.language.expression.compiler import Compiler
from contracts.language.expression.errors import ExpressionError, UndefinedVariable
from contracts.language.expression.frame import Frame
from contracts.language.expression.node import Print
from contracts.language.expression.operator import add
from contracts.language.expression.overrun import RUNNING
from contracts.language.expression.parser import parse
from contracts.language.expression.scope import Scope
from contracts.sized_cache import SizedCache

_MAX_SOURCE = 1_048_576
CACHED_BYTES = 67_108_864
_PER_TEMPLATE = 1_000
_PER_CODE = 300
"""Bytes of what is compiled from one character between braces."""
_BEYOND = (ArithmeticError, LookupError, ValueError, TypeError, RecursionError, MemoryError, re.error)
"""Python's errors for numbers, texts and depths that no filter checks. They are the author's mistake, not ours."""
_FALSE = frozenset({"", "false", "0", "-0"})
_T = TypeVar("_T")


class Template:
    """Compiled, immutable, reusable."""

    __slots__ = (
        "_blocks",
        "_body",
        "_bounds",
        "_macros",
        "_values",
        "calls",
        "code",
        "is_range",
        "names",
        "paths",
        "source",
        "whole",
    )

    def __init__(self, source: str) -> None:
        tree = parse(source)
        compiler = Compiler(tree)
        found = references(tree)
        self.source = source
        self.code: int = tree.code
        self.paths: frozenset[tuple[str, ...]] = frozenset(found.paths)
        self.names: frozenset[str] = frozenset(path[0] for path in found.paths)
        self.calls: frozenset[str] = frozenset(found.calls)
        self.whole: bool = found.whole
        self._body = compiler.body(tree.body)
        self._macros = {name: compiler.macro(macro) for name, macro in tree.macros.items()}
        self._blocks = {name: compiler.body(block.body) for name, block in tree.blocks.items()}
        self._bounds = compiler.bounds(tree.body)
        self.is_range: bool = self._bounds is not None
        """Whether it is a range and nothing else."""
        self._values: list[Callable[[Frame], Any]] | None = None
        if all(isinstance(statement, Print) for statement in tree.body):
            self._values = [compiler.value(s.expression) for s in tree.body if isinstance(s, Print)]

    def render(self, scope: Scope) -> str:
        """Render to text (docs/language/expressions.md#rendering). Raise ExpressionError if it fails."""
        return self._run(self.render_within, scope)

    def bounds(self, scope: Scope) -> range | None:
        """Return the integers that the template gives, without making them. None if it is not a range and nothing else. Raise
        ExpressionError as `render` does."""
        if self._bounds is None:
            return None
        bounds = self._bounds
        return self._run(lambda frame: bounds(self._enter(frame)), scope)

    def _run(self, work: Callable[[Frame], _T], scope: Scope) -> _T:
        frame = Frame(scope, compile_template)
        before, RUNNING.budget = RUNNING.budget, scope.budget
        try:
            return work(frame)
        except UndefinedVariable as error:
            raise UndefinedVariable(error.message, self.source) from error
        except _BEYOND as error:
            raise _beyond(error) from error
        finally:
            RUNNING.budget = before

    def evaluate(self, scope: Scope) -> Any:
        """Return the value of a template that is only expressions. Several numbers are added, several texts are joined."""
        if not self._values:
            return self.render(scope)
        frame = self._enter(Frame(scope, compile_template))
        before, RUNNING.budget = RUNNING.budget, scope.budget
        try:
            return _together(self._values, frame)
        except _BEYOND as error:
            raise _beyond(error) from error
        finally:
            RUNNING.budget = before

    def render_within(self, frame: Frame) -> str:
        """Render as a part of another rendering. Share its locals and limits."""
        if self._values is not None and len(self._values) == 1:
            return frame.note(frame.text(self._values[0](self._enter(frame) if self._macros else frame)))
        out: list[str] = []
        self._body(self._enter(frame), out)
        return "".join(out)

    def _enter(self, frame: Frame) -> Frame:
        if self._macros:
            frame.macros = {**frame.macros, **self._macros}
        return frame


def _together(parts: list[Callable[[Frame], Any]], frame: Frame) -> Any:
    values = [part(frame) for part in parts]
    result = values[0]
    for value in values[1:]:
        if type(value) is not type(result) or not isinstance(value, int | float | str):
            raise ExpressionError("Several expressions can be joined only if all are numbers or all are text")
        result = add(result, value, frame.budget)
    if isinstance(result, list | dict):
        # Whoever stores or sends it copies a part as often as it occurs in it.
        frame.budget.walk(result)
    return result


def _beyond(error: Exception) -> ExpressionError:
    return ExpressionError(f"The expression cannot be evaluated: {type(error).__name__}: {error}")


class _Plain(Template):
    """Text without expressions."""

    __slots__ = ()

    def __init__(self, source: str) -> None:
        self.source = source
        self.code = 0
        self.paths = frozenset()
        self.names = frozenset()
        self.calls = frozenset()
        self.whole = False
        self.is_range = False

    def render(self, scope: Scope) -> str:
        del scope
        return self.source

    def bounds(self, scope: Scope) -> None:
        del scope

    def evaluate(self, scope: Scope) -> str:
        del scope
        return self.source

    def render_within(self, frame: Frame) -> str:
        return frame.note(self.source)


def compile_template(source: str) -> Template:
    """Compile a template. The same source gives the same template. Raise ExpressionSyntaxError if it is wrong."""
    found = _TEMPLATES.young.get(source)
    return _TEMPLATES.of(source) if found is None else found


def _compiled(source: str) -> Template:
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return _Plain(source)
    if len(source) > _MAX_SOURCE:
        raise ExpressionError(f"The template has more than {_MAX_SOURCE} characters")
    try:
        return Template(source)
    except ValueError as error:
        # Python refuses to read an integer of thousands of digits.
        raise ExpressionError(f"The template cannot be read: {error}") from error


def _weight(source: str, template: Template) -> int:
    return _PER_TEMPLATE + 4 * len(source) + _PER_CODE * template.code


_TEMPLATES = SizedCache(CACHED_BYTES, _compiled, _weight)


def render_value(value: object, scope: Scope) -> object:
    """Render all strings in maps (also keys) and lists. If two keys become equal, the first one wins."""
    if isinstance(value, str):
        return compile_template(value).render(scope) if "{" in value else value
    if isinstance(value, Mapping):
        rendered: dict[object, object] = {}
        for key, item in value.items():
            rendered.setdefault(render_value(key, scope), render_value(item, scope))
        return rendered
    if isinstance(value, list | tuple):
        return [render_value(item, scope) for item in value]
    return value


def evaluate_value(value: object, scope: Scope) -> object:
    """Evaluate all strings in maps and lists: one that is only an expression becomes the expression's value, with its type."""
    if isinstance(value, str):
        return compile_template(value).evaluate(scope) if "{" in value else value
    if isinstance(value, Mapping):
        return {str(render_value(key, scope)): evaluate_value(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [evaluate_value(item, scope) for item in value]
    return value


def is_truthy(text: str) -> bool:
    """Return the truth of rendered text (docs/language/expressions.md#truth). Empty, ``false``, ``0`` and ``-0`` are false, also
    with white space around them, which a template of several lines leaves."""
    return text.strip() not in _FALSE
