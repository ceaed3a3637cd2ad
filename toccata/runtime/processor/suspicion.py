"""Which input a process died of: what the journal says about former owners. Pure.

A process that dies without a word (killed for its memory, a segmentation fault, SIGKILL) leaves no trace of the input that it
decided. So a partition whose former owners ended like that becomes *careful*: one input at a time, each announced in the journal before.
An announcement that is followed by nothing but another process's epoch is a death in that input. After three of them the input is set aside.
Processes are told apart by a random number, so a process that merely steps down and recovers does not count.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts.scalars import Millis

DEATHS = 3
"""An input is set aside when that many processes have died while they decided it."""
_STEPS = 1_000
"""How long a partition stays careful: twice a batch, because the fatal input is in the batch that was never appended."""
_UNCLEAN = 3
"""That many owners in a row that ended without a clean stop also make it careful, though each decided something."""
_HEALTHY_MS = 600_000
"""An owner that decides for so long is healthy."""

Position: TypeAlias = tuple[str, int | str]
"""An input: its topic and offset, or ``""`` and the name of a timer."""


class Suspicion:
    """Fed with the journal's records in order by whoever recovers; then it knows whether to be careful."""

    def __init__(self) -> None:
        self.careful = 0
        """How many further inputs are decided one by one."""
        self.owner: int | None = None
        """The process of the present epoch. None before the first, and after a clean stop."""
        self._began_at: Millis = 0
        self._progressed = False
        self._idle = 0
        self._unclean = 0
        self._about: Position | None = None
        self._dead: set[int] = set()
        """The processes that announced ``_about`` and then wrote nothing."""

    def epoch(self, process: int, at: Millis) -> None:
        """A process became the owner."""
        self._dead.discard(process)  # it is alive, whatever it announced
        if self.owner not in {None, process}:
            self._idle = 0 if self._progressed else self._idle + 1
            self._unclean += 1
        if self.owner != process:
            self.owner, self._progressed = process, False
        self._began_at = at

    def stopped(self) -> None:
        """The owner ended in good order, or got through its careful time."""
        self.owner, self._idle, self._unclean = None, 0, 0
        self._settle()

    def announced(self, position: Position) -> None:
        if position != self._about:
            self._about, self._dead = position, set()
        if self.owner is not None:
            self._dead.add(self.owner)

    def decided(self, at: Millis) -> None:
        self._progressed = True
        self._settle()
        if at - self._began_at > _HEALTHY_MS:
            self._unclean = 0

    def begin(self, process: int, at: Millis) -> None:
        """We are the owner. Decide whether to be careful."""
        self.epoch(process, at)
        if self._idle or self._dead or self._unclean >= _UNCLEAN:
            self.careful = _STEPS

    def deaths(self, position: Position) -> int:
        """How many processes died while they decided it."""
        return len(self._dead - {self.owner}) if position == self._about else 0

    def step(self) -> bool:
        """One input is decided carefully. Return whether it was the last one."""
        self.careful -= 1
        return self.careful == 0

    def _settle(self) -> None:
        self._about, self._dead = None, set()
