"""All triggers of one partition. Changed by events alone; decides nothing. Definitions stay JSON: there may be 100,000."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

import msgspec

from contracts.scalars import Millis, trigger_key
from contracts.trigger import (
    AnyTriggerEvent,
    TriggerDefined,
    TriggerDisabledSet,
    TriggerFired,
    TriggerRemoved,
    TriggerSkipped,
    TriggerUnlocked,
)


@dataclass(slots=True)
class Trigger:
    namespace: str
    flow_id: str
    trigger_id: str
    trigger_type: str
    revision: int
    definition: bytes
    """JSON."""
    source_disabled: bool
    user_disabled: bool = False
    """Set through the API, or by ``stopAfter``."""
    next_at: Millis | None = None
    """The next slot that was not decided yet; kept while disabled or locked."""
    last_at: Millis | None = None
    locked_by: str | None = None

    @property
    def disabled(self) -> bool:
        return self.source_disabled or self.user_disabled

    @property
    def idle(self) -> bool:
        """Fires at its next slot."""
        return not self.disabled and self.locked_by is None


class Triggers:
    def __init__(self) -> None:
        self.by_key: dict[str, Trigger] = {}

    def apply(self, event: AnyTriggerEvent) -> None:
        key = trigger_key(event.namespace, event.flow_id, event.trigger_id)
        if isinstance(event, TriggerDefined):
            self._define(key, event)
            return
        if isinstance(event, TriggerRemoved):
            self.by_key.pop(key, None)
            return
        trigger = self.by_key[key]
        match event:
            case TriggerFired():
                trigger.last_at, trigger.next_at = event.slot_at, event.next_at
                trigger.locked_by = event.execution_id if event.locks else None
            case TriggerSkipped():
                trigger.next_at = event.next_at
            case TriggerUnlocked():
                trigger.locked_by = None
            case TriggerDisabledSet():
                trigger.user_disabled, trigger.next_at = event.disabled, event.next_at
            case _:
                assert_never(event)

    def dump(self) -> Iterator[bytes]:
        for trigger in self.by_key.values():
            yield _encode(
                _Item(
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
                )
            )

    def load(self, items: Iterable[bytes]) -> None:
        for raw in items:
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
            )
            self.by_key[trigger_key(item.namespace, item.flow_id, item.trigger_id)] = trigger

    def _define(self, key: str, event: TriggerDefined) -> None:
        trigger = Trigger(
            event.namespace,
            event.flow_id,
            event.trigger_id,
            event.trigger_type,
            event.revision,
            _encode(event.definition),
            event.source_disabled,
            next_at=event.next_at,
        )
        known = self.by_key.get(key)
        if known is not None:
            trigger.user_disabled, trigger.last_at = known.user_disabled, known.last_at
            trigger.locked_by = known.locked_by
        self.by_key[key] = trigger


class _Item(msgspec.Struct, frozen=True, array_like=True):
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


_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
