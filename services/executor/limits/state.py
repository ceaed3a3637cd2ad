"""Limits with their holders and queues. Only ``evolve`` changes them, and nothing here decides."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis

Refusal: TypeAlias = Literal["CANCEL", "FAIL"]

PAST_KEPT = 65_536
"""How many ended requests each partition remembers, so that a repeated one does not take a slot for nobody."""


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
    past_order: deque[str] = field(default_factory=deque)

    def remember(self, name: str, entry: Past) -> None:
        if name not in self.past:
            self.past_order.append(name)
            if len(self.past_order) > PAST_KEPT:
                del self.past[self.past_order.popleft()]
        self.past[name] = entry


def past_key(limit_key: str, execution_id: str) -> str:
    return f"{limit_key}\x1f{execution_id}"
