"""Finds the place of an error in a template's source. It computes nothing before an error happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.language.expression.errors import ExpressionError, ExpressionSyntaxError, UndefinedVariable
from contracts.language.expression.frame import Frame


def locate(source: str, position: int) -> tuple[int, int]:
    """Return line and column, from 1."""
    return source.count("\n", 0, position) + 1, position - (source.rfind("\n", 0, position) + 1) + 1


def syntax_error(message: str, source: str, position: int, suggestion: str = "") -> ExpressionSyntaxError:
    line, column = locate(source, position)
    return ExpressionSyntaxError(message, source, line, column, suggestion)


class Places:
    """The places of one source, for rendering errors and for errors of the compiler."""

    def __init__(self, source: str) -> None:
        self._source = source

    def syntax_error(self, message: str, position: int, suggestion: str = "") -> ExpressionSyntaxError:
        return syntax_error(message, self._source, position, suggestion)

    def located(self, run: Callable[[Frame], Any], position: int) -> Callable[[Frame], Any]:
        """Wrap ``run`` so that its errors get a place."""

        def located(frame: Frame) -> Any:
            try:
                return run(frame)
            except ExpressionError as error:
                raise self.placed(error, position) from error
            except RecursionError as error:
                raise self.placed(ExpressionError("The expression is nested too deeply"), position) from error

        return located

    def placed(self, error: ExpressionError, position: int) -> ExpressionError:
        if not error.line:
            error.source = self._source
            error.line, error.column = locate(self._source, position)
        return error

    def undefined(self, name: str, position: int) -> Callable[[], UndefinedVariable]:
        """Return a function that makes the error, so that its cost arises only when it is raised."""

        def make() -> UndefinedVariable:
            line, column = locate(self._source, position)
            excerpt = self._source if len(self._source) <= 200 else self._source[:200] + "…"
            message = f"Unable to find `{name}` used in the expression `{excerpt}` at line {line}"
            return UndefinedVariable(message, self._source, 0, column)

        return make
