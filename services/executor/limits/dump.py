"""The limits of a partition as independent snapshot items, and back. Items are JSON arrays: add new fields at the
end, with a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis
from services.executor.limits.state import Limit, LimitsState, Past

_PER_ITEM = 2_000


class LimitItem(msgspec.Struct, frozen=True, array_like=True, tag="limit"):
    """It comes before the holders and the queue of the same limit."""

    key: str
    limit: int | None
    behavior: Behavior
    set_at: Millis | None


class PlaceItem(msgspec.Struct, frozen=True, array_like=True, tag="places"):
    """Some executions that hold a slot, or wait for one, in order."""

    key: str
    holds: bool
    rows: list[tuple[str, Millis]]


class PastItem(msgspec.Struct, frozen=True, array_like=True, tag="past"):
    rows: list[tuple[str, Past]]


Item: TypeAlias = LimitItem | PlaceItem | PastItem
_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)


def dump(state: LimitsState) -> Iterator[bytes]:
    for entity in entities(state):
        yield from dump_entity(state, entity)


def entities(state: LimitsState) -> Iterator[str]:
    yield from map(limit_entity, state.by_key)
    yield from (f"past/{number}" for number in state.past_pages)


def limit_entity(key: str) -> str:
    return f"limit/{key}"


def dump_entity(state: LimitsState, entity: str) -> Iterator[bytes]:
    kind, _, name = entity.partition("/")
    if kind == "past":
        page = state.past_pages.get(int(name))
        if page:
            yield _encode(PastItem(list(page.items())))
    elif (limit := state.by_key.get(name)) is not None:
        yield from _dump_limit(name, limit)


def _dump_limit(key: str, limit: Limit) -> Iterator[bytes]:
    yield _encode(LimitItem(key, limit.limit, limit.behavior, limit.set_at))
    for holds, people in ((True, limit.holders), (False, limit.queue)):
        rows = list(people.items())
        for start in range(0, len(rows), _PER_ITEM):
            yield _encode(PlaceItem(key, holds, rows[start : start + _PER_ITEM]))


def load(state: LimitsState, items: Iterable[bytes]) -> None:
    """Load items into an empty state."""
    for raw in items:
        match _decoder.decode(raw):
            case LimitItem(key, limit, behavior, set_at):
                state.by_key[key] = Limit(limit, behavior, set_at)
            case PlaceItem(key, holds, rows):
                limit_of = state.by_key[key]
                (limit_of.holders if holds else limit_of.queue).update(rows)
            case PastItem(past):
                for name, entry in past:
                    state.remember(name, entry)


def load_entities(state: LimitsState, found: Iterable[tuple[str, list[bytes]]]) -> None:
    """Load entities into an empty state."""
    pages: dict[int, list[bytes]] = {}
    for entity, items in found:
        kind, _, name = entity.partition("/")
        if kind == "past":
            pages[int(name)] = items
        else:
            load(state, items)
    for number in sorted(pages):
        state.past_pages[number] = {}
        load(state, pages[number])
    state.touched = {}
