"""Reads from a flow's source what the registry needs: its triggers, its limit, whether it is disabled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from contracts.language.flow.model import Trigger
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.violation import message_of
from contracts.limit import Behavior
from contracts.scalars import JsonObject


class Unparsable(Exception):
    """The source is not a flow, or is another flow. ``reason`` says why in Kestra's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    id: str
    type: str
    """The canonical name."""
    definition: JsonObject
    """As written, merged with plugin defaults."""
    disabled: bool


@dataclass(frozen=True, slots=True)
class Facts:
    triggers: tuple[TriggerFacts, ...] = ()
    limit: int | None = None
    behavior: Behavior = "QUEUE"
    disabled: bool = False


ReadFacts: TypeAlias = Callable[[str, str, str], Facts]
"""As :func:`read_facts`."""


def read_facts(source: str, namespace: str, flow_id: str) -> Facts:
    """Read a source. Raise Unparsable if that fails. Types are not looked up, because the source is already validated."""
    parsed = parse_flow(source, None)
    flow = parsed.flow
    if flow is None:
        raise Unparsable(message_of(parsed.errors))
    if flow.id != flow_id:
        raise Unparsable("Illegal flow id update")
    if flow.namespace != namespace:
        raise Unparsable("Illegal namespace update")
    concurrency = flow.concurrency
    return Facts(
        triggers=tuple(_trigger(trigger) for trigger in flow.triggers),
        limit=None if concurrency is None else concurrency.limit,
        behavior="QUEUE" if concurrency is None else concurrency.behavior,
        disabled=flow.disabled,
    )


def _trigger(trigger: Trigger) -> TriggerFacts:
    written = {"properties", "inputs"}
    definition = trigger.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=written)
    if trigger.inputs:
        definition["inputs"] = trigger.inputs
    # As written: dumped as JSON, a long number would become text.
    definition |= trigger.properties
    definition["type"] = trigger.type
    return TriggerFacts(trigger.id, trigger.type, definition, trigger.disabled)
