"""The errors that stop standalone. Every message says what to do next."""

from __future__ import annotations

from pathlib import Path


class StandaloneError(Exception):
    """Standalone cannot start or continue. The text is for the person at the terminal."""


class NotRunning(StandaloneError):
    """No standalone runs on a data directory."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"No standalone runs on {home.absolute()}. Start one with `make run` or `toccata standalone`, or set"
            " TOCCATA_HOME."
        )
