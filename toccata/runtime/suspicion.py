"""Which input a process died of: what former owners left behind says it. Pure.

A process that dies without a word (killed for its memory, a segmentation fault, SIGKILL) leaves no trace of the input that it
decided. So whoever owns inputs after owners that ended like that becomes *careful*: one input at a time, each announced before in the
place where the owner's progress is kept. An announcement that is followed by nothing but another process's beginning is a death in that
input. After three of them the input is set aside. Processes are told apart by a random number, so a process that merely steps down and
recovers does not count.

A processor's journal holds all of this as records, and is replayed. Who has no journal keeps the :class:`Signs` beside its offsets.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from contracts.scalars import Millis

DEATHS = 3
"""An input is set aside when that many processes have died while they decided it."""
ADVICE = "`toccata dead list` shows it. Find out why it kills the process, then `toccata dead redrive`."
"""What the log says to a person about an input that was set aside."""
_STEPS = 1_000
"""How long a partition stays careful: twice a batch, because the fatal input is in the batch that was never appended."""
_UNCLEAN = 3
"""That many owners in a row that ended without a clean stop also make it careful, though each decided something."""
_HEALTHY_MS = 600_000
"""An owner that decides for so long is healthy."""
_MOST_SUSPECTS = 8
"""The limit for inputs that are remembered because a process died in them. The oldest is forgotten."""

Position: TypeAlias = tuple[str, int | str]
"""An input: its topic and offset, or ``""`` and the name of a timer."""


class Signs(msgspec.Struct, frozen=True, array_like=True):
    """What a suspicion knows, as it is kept between processes. Add new fields at the end, with a default."""

    owner: int | None = None
    began_at: Millis = 0
    progressed: bool = False
    idle: int = 0
    unclean: int = 0
    about: Position | None = None
    dead: list[tuple[Position, list[int]]] = []


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Signs)


class Suspicion:
    """Fed with what former owners did, in order, by whoever takes over; then it knows whether to be careful."""

    def __init__(self, steps: int = _STEPS) -> None:
        """``steps``: for how many inputs it is careful. Twice what an owner takes before it stores how far it is."""
        self.careful = 0
        """How many further inputs are decided one by one."""
        self.owner: int | None = None
        """The process of the present epoch. None before the first, and after a clean stop."""
        self._steps = steps
        self._began_at: Millis = 0
        self._progressed = False
        self._idle = 0
        self._unclean = 0
        self._about: Position | None = None
        """What the owner announced, and did not decide yet."""
        self._dead: dict[Position, set[int]] = {}
        """By input the processes that announced it and then wrote nothing. More than one input may be suspect, because the next
        process may come to another one first."""

    @staticmethod
    def of(signs: str, steps: int = _STEPS) -> Suspicion:
        """Return what was kept. Signs that nobody can read are none: then only the counting begins anew."""
        found = Suspicion(steps)
        try:
            kept = _decoder.decode(signs)
        except msgspec.MsgspecError:
            return found
        found.owner, found._began_at, found._progressed = kept.owner, kept.began_at, kept.progressed
        found._idle, found._unclean, found._about = kept.idle, kept.unclean, kept.about
        found._dead = {position: set(processes) for position, processes in kept.dead}
        return found

    def signs(self) -> str:
        """Return what the next process must know."""
        dead = [(position, sorted(processes)) for position, processes in self._dead.items()]
        kept = Signs(
            self.owner, self._began_at, self._progressed, self._idle, self._unclean, self._about, dead
        )
        return _encode(kept).decode()

    def epoch(self, process: int, at: Millis) -> None:
        """A process became the owner."""
        self._about = None
        for position in list(self._dead):
            self._dead[position].discard(process)  # it is alive, whatever it announced
            if not self._dead[position]:
                del self._dead[position]
        if self.owner not in {None, process}:
            self._idle = 0 if self._progressed else self._idle + 1
            self._unclean += 1
        if self.owner != process:
            self.owner, self._progressed = process, False
        self._began_at = at

    def stopped(self) -> None:
        """The owner ended in good order."""
        self.owner, self._idle, self._unclean = None, 0, 0
        self._about, self._dead = None, {}

    def announced(self, position: Position) -> None:
        """The owner is about to decide this input."""
        self._about = position
        if self.owner is not None:
            self._dead.setdefault(position, set()).add(self.owner)
        while len(self._dead) > _MOST_SUSPECTS:
            del self._dead[next(iter(self._dead))]

    def decided(self, at: Millis, position: Position | None = None) -> None:
        """What was announced is decided, or this input, or several at once without an announcement."""
        self._progressed = True
        for settled in (self._about, position):
            if settled is not None:
                self._dead.pop(settled, None)
        self._about = None
        if at - self._began_at > _HEALTHY_MS:
            self._unclean = 0

    def begin(self, process: int, at: Millis) -> None:
        """We are the owner. Decide whether to be careful."""
        self.epoch(process, at)
        if self._idle or self._dead or self._unclean >= _UNCLEAN:
            self.careful = self._steps

    def deaths(self, position: Position) -> int:
        """How many processes died while they decided it."""
        return len(self._dead.get(position, set()) - {self.owner})

    def verdict(self, position: Position) -> str:
        """Return why this input is set aside. Empty: decide it."""
        deaths = self.deaths(position)
        return f"{deaths} processes died while they decided it" if deaths >= DEATHS else ""

    def step(self) -> bool:
        """One input is decided carefully. Return whether it was the last one."""
        self.careful -= 1
        return self.careful == 0
