"""The errors of expressions. The author has to fix all of them, so each says where it is."""

from __future__ import annotations

_LONGEST = 2_000
"""Messages show values, and a value may be as long as an input. They travel in events and answers."""


class ExpressionError(Exception):
    """``line`` and ``column`` count from 1 within the template; 0 is unknown. ``suggestion`` is whole sentences, or empty."""

    def __init__(
        self, message: str, source: str = "", line: int = 0, column: int = 0, suggestion: str = ""
    ) -> None:
        message = message if len(message) <= _LONGEST else message[:_LONGEST] + "…"
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.source = source
        self.line = line
        self.column = column

    @property
    def placed(self) -> str:
        """The message with its place, without the suggestion."""
        if not self.line:
            return self.message
        excerpt = self.source if len(self.source) <= 200 else self.source[:200] + "…"
        return f"{self.message} (line {self.line}, column {self.column} of `{excerpt}`)"

    def __str__(self) -> str:
        return f"{self.placed}. {self.suggestion}" if self.suggestion else self.placed


class ExpressionSyntaxError(ExpressionError):
    """The template does not parse."""


class UndefinedVariable(ExpressionError):
    """A name, a key or an index does not exist."""


class LimitExceeded(ExpressionError):
    """The output, a loop, the memory, the time or the depth is over its limit."""
