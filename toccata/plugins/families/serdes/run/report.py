"""What a conversion says of rows that do not fit."""

from __future__ import annotations

_MOST_NOTES = 100


class Bad(Exception):
    """The conversion fails. The message is for people."""


class Report:
    """``mode``: ERROR, WARN or SKIP."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self.notes: list[str] = []
        self.titles: list[str] = []
        """Of sheets that were read."""
        self._left_out = 0

    def bad(self, problem: str) -> None:
        """The row is left out. Raises Bad instead if rows must fit."""
        if self._mode == "ERROR":
            raise Bad(problem)
        if self._mode == "WARN":
            self._left_out += 1
            if self._left_out <= _MOST_NOTES:
                self.notes.append(f"left out: {problem}")
            else:
                self.notes[_MOST_NOTES:] = [f"{self._left_out - _MOST_NOTES:,} more rows were left out"]
