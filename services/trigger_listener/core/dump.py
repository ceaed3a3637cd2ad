"""Triggers as independent snapshot items, and back. Items are JSON arrays: add new fields at the end, with a default. What came too
early for a trigger is an item of its own, a JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from contracts.codec import encode
from contracts.json_text import number
from contracts.scalars import JsonObject, Millis
from contracts.trigger import ExecutionMoved
from services.trigger_listener.core.evolve import early_entity
from services.trigger_listener.core.state import Backfill, Evaluation, Met, Trigger, TriggersState


class BackfillItem(msgspec.Struct, frozen=True, array_like=True):
    id: str
    start_at: Millis
    end_at: Millis
    slot_at: Millis
    inputs: JsonObject
    labels: dict[str, str]
    paused: bool

    def load(self) -> Backfill:
        return Backfill(
            self.id, self.start_at, self.end_at, self.slot_at, self.inputs, self.labels, self.paused
        )


class EvaluationItem(msgspec.Struct, frozen=True, array_like=True):
    id: str
    since: Millis
    until: Millis
    group: str


class MetItem(msgspec.Struct, frozen=True, array_like=True):
    at: Millis
    start: Millis
    end: Millis
    execution: JsonObject
    outputs: JsonObject


class EarlyItem(msgspec.Struct, frozen=True):
    """What came before the definition that it concerns."""

    key: str
    told: list[ExecutionMoved]


class TriggerItem(msgspec.Struct, frozen=True, array_like=True):
    namespace: str
    flow_id: str
    trigger_id: str
    trigger_type: str
    revision: int
    definition: msgspec.Raw
    source_disabled: bool
    user_disabled: bool
    next_at: Millis | None
    last_at: Millis | None
    locked_by: str | None
    evaluation: EvaluationItem | None = None
    accepted: list[str] = []
    variables: str = ""
    backfill: BackfillItem | None = None
    windows: dict[str, dict[str, MetItem]] = {}
    heard: dict[str, int] = {}
    problem: str = ""


_decoder: msgspec.json.Decoder[TriggerItem] = msgspec.json.Decoder(TriggerItem, float_hook=number)
_early: msgspec.json.Decoder[EarlyItem] = msgspec.json.Decoder(EarlyItem, float_hook=number)
_OBJECT = b"{"


def dump(state: TriggersState) -> Iterator[bytes]:
    for trigger in state.by_key.values():
        yield _item(trigger)
    for key, told in state.early.items():
        yield encode(EarlyItem(key, told))


def entities(state: TriggersState) -> Iterable[str]:
    return [*state.by_key, *map(early_entity, state.early)]


def dump_entity(state: TriggersState, key: str) -> Iterator[bytes]:
    if key in state.by_key:
        yield _item(state.by_key[key])
    for early, told in state.early.items():
        if early_entity(early) == key:
            yield encode(EarlyItem(early, told))


def load_entities(state: TriggersState, found: Iterable[tuple[str, list[bytes]]]) -> None:
    """Load triggers into an empty state."""
    for _, items in found:
        load(state, items)


def _item(trigger: Trigger) -> bytes:
    return encode(
        TriggerItem(
            trigger.namespace,
            trigger.flow_id,
            trigger.trigger_id,
            trigger.trigger_type,
            trigger.revision,
            msgspec.Raw(trigger.definition),
            trigger.source_disabled,
            trigger.user_disabled,
            trigger.next_at,
            trigger.last_at,
            trigger.locked_by,
            None if trigger.evaluation is None else _evaluation_item(trigger.evaluation),
            list(trigger.accepted),
            trigger.variables.decode(),
            _backfill(trigger.backfill),
            {
                window: {
                    part: MetItem(met.at, met.start, met.end, met.execution, met.outputs)
                    for part, met in parts.items()
                }
                for window, parts in trigger.windows.items()
            },
            trigger.heard,
            trigger.problem,
        )
    )


def _evaluation_item(evaluation: Evaluation) -> EvaluationItem:
    return EvaluationItem(evaluation.id, evaluation.since, evaluation.until, evaluation.group)


def _backfill(known: Backfill | None) -> BackfillItem | None:
    if known is None:
        return None
    return BackfillItem(
        known.id,
        known.start_at,
        known.end_at,
        known.slot_at,
        known.inputs,
        known.labels,
        known.paused,
    )


def load(state: TriggersState, items: Iterable[bytes]) -> None:
    """Load items into an empty state."""
    for raw in items:
        if raw.startswith(_OBJECT):
            early = _early.decode(raw)
            state.early[early.key] = early.told
            continue
        item = _decoder.decode(raw)
        trigger = Trigger(
            item.namespace,
            item.flow_id,
            item.trigger_id,
            item.trigger_type,
            item.revision,
            bytes(item.definition),
            item.source_disabled,
            item.user_disabled,
            item.next_at,
            item.last_at,
            item.locked_by,
            None if item.evaluation is None else Evaluation(*msgspec.structs.astuple(item.evaluation)),
            tuple(item.accepted),
            item.variables.encode(),
            None if item.backfill is None else item.backfill.load(),
            {
                window: {part: Met(*msgspec.structs.astuple(met)) for part, met in parts.items()}
                for window, parts in item.windows.items()
            },
            item.heard,
            item.problem,
        )
        if trigger.evaluation is not None:
            state.evaluations[trigger.evaluation.id] = trigger.key
        state.by_key[trigger.key] = trigger
