"""Task runs on their way to a command that is too large for one record. Each transfer is kept until its command is done, or for some
minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.execution import RunsPart, TaskRunRecord
from contracts.scalars import Millis

KEPT_MS = 600_000
"""How long parts wait for their command."""
MOST_PARTS = 1_000
"""The most parts that a partition keeps, of all transfers together."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one step restores."""

    removed: list[str]
    runs: list[TaskRunRecord]


@dataclass(slots=True, eq=False)
class Transfer:
    execution_id: str
    at: Millis
    """When its first part came."""
    parts: dict[int, RunsPart] = field(default_factory=dict)
    pages: list[Page] | None = None
    """What the command makes of them. This is a memo: it is made again from the same parts."""

    def runs(self, parts: int) -> list[TaskRunRecord] | None:
        """Return all task runs. None if one of so many parts is missing."""
        if self.parts.keys() != set(range(parts)):
            return None
        return [run for number in range(parts) for run in self.parts[number].runs]

    def paged(self, make: Callable[[], list[Page]]) -> list[Page]:
        """Return what each step restores, which is made once."""
        if self.pages is None:
            self.pages = make()
        return self.pages


@dataclass(slots=True, eq=False)
class Transfers:
    by_id: dict[str, Transfer] = field(default_factory=dict)
    count: int = 0
    """Parts of all of them."""
    touched: dict[str, None] = field(default_factory=dict)
    """Those that changed since this was last emptied."""

    def keep(self, part: RunsPart, at: Millis) -> None:
        transfer = self.by_id.setdefault(part.transfer_id, Transfer(part.execution_id, at))
        self.count += part.number not in transfer.parts
        transfer.parts[part.number] = part
        self.touched[part.transfer_id] = None

    def drop(self, transfer_id: str) -> None:
        transfer = self.by_id.pop(transfer_id, None)
        if transfer is not None:
            self.count -= len(transfer.parts)
            self.touched[transfer_id] = None
