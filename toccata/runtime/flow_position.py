"""Says whether ``flows.state`` was read as far as a message asks. Pure: the flow table tells it what was read, and where the
topic ends.

Anyone may write a message, so it may name a position that does not exist. Nobody waits for that. But only an end that was
asked for after the message was read can show it, because the topic may have grown since the last time.
"""

from __future__ import annotations

from collections.abc import Collection


class FlowPosition:
    def __init__(self) -> None:
        self.read = -1
        """The offset of the last record read, inclusive."""
        self.end = 0
        """The topic's end when last asked."""
        self._asked: dict[str, int] = {}
        self._absent: dict[str, int] = {}

    def reached(self, position: int, asker: str) -> bool:
        """Return whether this position was read, or does not exist. ``asker`` names the message: the answer is for it alone."""
        if position <= self.read:
            self._asked.pop(asker, None)
            self._absent.pop(asker, None)
            return True
        if self._absent.get(asker) == position:
            del self._absent[asker]
            return True
        if position >= self.end:
            self._asked[asker] = position
        return False

    def questions(self) -> dict[str, int]:
        """Return the positions beyond the known end, by asker. Ask for the end after this, and then call ``ended``."""
        return dict(self._asked)

    def ended(self, questions: Collection[tuple[str, int]], end: int) -> None:
        """The topic ended here, after ``questions`` had been asked."""
        self.end = max(self.end, end)
        for asker, position in questions:
            if self._asked.get(asker) == position:
                del self._asked[asker]
                if position >= end:
                    self._absent[asker] = position
