"""The one exception of the engine, which has no other way to the user than its text."""

from __future__ import annotations


class SqlFailed(Exception):
    """The message is for people. It never holds a password."""

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__(message)
        self.lost = lost
        """The connection broke, so that a retry may help."""
