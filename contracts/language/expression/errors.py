"""What can go wrong in an expression. All of it is the author's to mend, so every error says where."""

from __future__ import annotations


class ExpressionError(Exception):
    """``line`` and ``column`` count from 1 within the template; 0 where unknown. ``suggestion``: sentences, or nothing."""

    def __init__(
        self, message: str, source: str = "", line: int = 0, column: int = 0, suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.source = source
        self.line = line
        self.column = column

    @property
    def placed(self) -> str:
        """The message and its place, without the suggestion."""
        if not self.line:
            return self.message
        excerpt = self.source if len(self.source) <= 200 else self.source[:200] + "…"
        return f"{self.message} (line {self.line}, column {self.column} of `{excerpt}`)"

    def __str__(self) -> str:
        return f"{self.placed}. {self.suggestion}" if self.suggestion else self.placed


class ExpressionSyntaxError(ExpressionError):
    """The template does not parse."""


class UndefinedVariable(ExpressionError):
    """A name, a key or an index that is not there."""


class LimitExceeded(ExpressionError):
    """Output, loop, time or depth over its limit."""
