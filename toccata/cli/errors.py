"""The error of a command: one line, advice, and the exit code."""

from __future__ import annotations

FAILED = 1
MISUSED = 2
"""The exit code for a wrong command line, as in typer."""


INTERRUPTED = 130
PIPE_CLOSED = 141


class CommandError(Exception):
    """Ends the command. ``message`` and ``advice``, which says what to do next, are for people."""

    def __init__(self, message: str, advice: str = "", code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code
