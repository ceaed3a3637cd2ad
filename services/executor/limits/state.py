"""Limits with their holders and queues. Changed by events alone; decides nothing."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis
from services.executor.limits.event import (
    AnyLimitEvent,
    LimitAssumed,
    LimitFixed,
    SlotAwaited,
    SlotDenied,
    SlotLeft,
    SlotTaken,
)

Refusal: TypeAlias = Literal["CANCEL", "FAIL"]

PAST_KEPT = 65_536
"""Requests that are over, remembered per partition, so that one sent again does not take a slot for nobody."""
_PER_ITEM = 2_000


@dataclass(slots=True)
class Limit:
    limit: int | None = None
    behavior: Behavior = "QUEUE"
    set_at: Millis | None = None
    """When the registry said so; None: only requests did."""
    holders: dict[str, Millis] = field(default_factory=dict)
    """By execution id: when it asked."""
    queue: OrderedDict[str, Millis] = field(default_factory=OrderedDict)
    """Oldest first."""

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self.holders) >= self.limit

    @property
    def blank(self) -> bool:
        """Nothing is lost by forgetting it."""
        return not self.holders and not self.queue and (self.limit is None or self.set_at is None)


class Past(msgspec.Struct, frozen=True, array_like=True):
    """How a request ended. ``behavior`` None: it left, with or without having held a slot."""

    asked_at: Millis
    behavior: Refusal | None = None


class Limits:
    """All of one partition."""

    def __init__(self) -> None:
        self.by_key: dict[str, Limit] = {}
        self.past: dict[str, Past] = {}
        self._past_order: deque[str] = deque()

    def apply(self, event: AnyLimitEvent) -> None:
        key = event.limit_key
        limit = self.by_key.get(key)
        if limit is None:
            limit = self.by_key[key] = Limit()
        match event:
            case SlotTaken(execution_id=execution_id, asked_at=asked_at):
                limit.queue.pop(execution_id, None)
                limit.holders[execution_id] = asked_at
            case SlotAwaited(execution_id=execution_id, asked_at=asked_at):
                limit.queue[execution_id] = asked_at
            case SlotDenied(execution_id=execution_id, asked_at=asked_at, behavior=behavior):
                self._remember(past_key(key, execution_id), Past(asked_at, behavior))
            case SlotLeft(execution_id=execution_id):
                people = limit.holders if execution_id in limit.holders else limit.queue
                self._remember(past_key(key, execution_id), Past(people.pop(execution_id)))
                self._forget_blank(key, limit)
            case LimitFixed():
                limit.limit, limit.behavior, limit.set_at = event.limit, event.behavior, event.set_at
                self._forget_blank(key, limit)
            case LimitAssumed():
                limit.limit, limit.behavior = event.limit, event.behavior
            case _:
                assert_never(event)

    def dump(self) -> Iterator[bytes]:
        for key, limit in self.by_key.items():
            yield _encode(_LimitItem(key, limit.limit, limit.behavior, limit.set_at))
            for kind, people in (("holder", limit.holders), ("queued", limit.queue)):
                rows = list(people.items())
                for start in range(0, len(rows), _PER_ITEM):
                    yield _encode(_PlaceItem(key, kind == "holder", rows[start : start + _PER_ITEM]))
        past = [(name, self.past[name]) for name in self._past_order]
        for start in range(0, len(past), _PER_ITEM):
            yield _encode(_PastItem(past[start : start + _PER_ITEM]))

    def load(self, items: Iterable[bytes]) -> None:
        for raw in items:
            match _decoder.decode(raw):
                case _LimitItem(key, limit, behavior, set_at):
                    self.by_key[key] = Limit(limit, behavior, set_at)
                case _PlaceItem(key, holds, rows):
                    limit_of = self.by_key[key]
                    (limit_of.holders if holds else limit_of.queue).update(rows)
                case _PastItem(past):
                    for name, entry in past:
                        self._remember(name, entry)

    def _forget_blank(self, key: str, limit: Limit) -> None:
        if limit.blank:
            del self.by_key[key]

    def _remember(self, name: str, entry: Past) -> None:
        if name not in self.past:
            self._past_order.append(name)
            if len(self._past_order) > PAST_KEPT:
                del self.past[self._past_order.popleft()]
        self.past[name] = entry


def past_key(limit_key: str, execution_id: str) -> str:
    return f"{limit_key}\x1f{execution_id}"


class _LimitItem(msgspec.Struct, frozen=True, array_like=True, tag="limit"):
    key: str
    limit: int | None
    behavior: Behavior
    set_at: Millis | None


class _PlaceItem(msgspec.Struct, frozen=True, array_like=True, tag="places"):
    key: str
    holds: bool
    rows: list[tuple[str, Millis]]


class _PastItem(msgspec.Struct, frozen=True, array_like=True, tag="past"):
    rows: list[tuple[str, Past]]


_Item: TypeAlias = _LimitItem | _PlaceItem | _PastItem
_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
