"""Limits with their holders and queues. Only ``evolve`` changes them, and nothing here decides."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis

Refusal: TypeAlias = Literal["CANCEL", "FAIL"]

PAST_KEPT = 65_536
"""How many ended requests each partition remembers, so that a repeated one does not take a slot for nobody."""
PAST_PAGE = 1_024
"""How many of them a snapshot writes together."""


@dataclass(slots=True)
class Limit:
    limit: int | None = None
    behavior: Behavior = "QUEUE"
    set_at: Millis | None = None
    """When the registry set it. None: only requests gave it."""
    holders: dict[str, Millis] = field(default_factory=dict)
    """By execution id, the time of its request."""
    queue: OrderedDict[str, Millis] = field(default_factory=OrderedDict)
    """Oldest first."""

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self.holders) >= self.limit

    @property
    def blank(self) -> bool:
        """Whether it can be forgotten without a loss."""
        return not self.holders and not self.queue and (self.limit is None or self.set_at is None)


class Past(msgspec.Struct, frozen=True, array_like=True):
    """How a request ended. ``behavior`` None: it left, with or without a slot before."""

    asked_at: Millis
    behavior: Refusal | None = None


@dataclass(slots=True)
class LimitsState:
    """All limits of one partition."""

    by_key: dict[str, Limit] = field(default_factory=dict)
    past: dict[str, Past] = field(default_factory=dict)
    """By :func:`past_key`."""
    past_pages: dict[int, dict[str, Past]] = field(default_factory=dict)
    """The same in the order of the ends. An older page may still hold how an earlier request of one execution ended."""
    touched: dict[str, None] = field(default_factory=dict)
    """Entities of snapshots that changed since this was last emptied."""

    def remember(self, name: str, entry: Past) -> None:
        number = next(reversed(self.past_pages), 0)
        if len(self.past_pages.setdefault(number, {})) >= PAST_PAGE:
            number += 1
            self.past_pages[number] = {}
        self.past[name] = self.past_pages[number][name] = entry
        self.touched[f"past/{number}"] = None
        if len(self.past_pages) > PAST_KEPT // PAST_PAGE + 1:
            self._forget(next(iter(self.past_pages)))

    def _forget(self, number: int) -> None:
        for name, entry in self.past_pages.pop(number).items():
            if self.past.get(name) is entry:
                del self.past[name]
        self.touched[f"past/{number}"] = None


def past_key(limit_key: str, execution_id: str) -> str:
    return f"{limit_key}\x1f{execution_id}"
