"""What a command tells a person when it cannot do what was asked: one line, what to do, and the exit code."""

from __future__ import annotations

FAILED = 1
MISUSED = 2
"""The command line itself is wrong, as typer has it."""


INTERRUPTED = 130
PIPE_CLOSED = 141


class CommandError(Exception):
    """Ends the command. ``advice`` says what to do next; both are for people."""

    def __init__(self, message: str, advice: str = "", code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code
