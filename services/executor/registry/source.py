"""Reads from a flow's source what the registry needs: its triggers, its limit, whether it is disabled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from contracts.language.expression.presence import condition_source
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.needs import paths_needed
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.template_check import texts_in
from contracts.language.flow.trigger_start import flow_variables
from contracts.language.flow.violation import message_of
from contracts.language.types.index import TRIGGERS
from contracts.language.types.trigger.flow import FLOW
from contracts.limit import Behavior
from contracts.scalars import JsonObject

_OF_THE_FLOW = ("vars", "labels")
"""The rest of what templates see of a flow is in every message about it."""


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
    variables: JsonObject = field(default_factory=dict)
    """What the templates of a polled trigger, or of a Flow trigger, read of the flow."""


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
        triggers=tuple(_trigger(trigger, flow) for trigger in flow.triggers),
        limit=None if concurrency is None else concurrency.limit,
        behavior="QUEUE" if concurrency is None else concurrency.behavior,
        disabled=flow.disabled,
    )


def _trigger(trigger: Trigger, flow: Flow) -> TriggerFacts:
    written = {"properties", "inputs"}
    definition = trigger.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=written)
    if trigger.inputs:
        definition["inputs"] = trigger.inputs
    # As written: dumped as JSON, a long number would become text.
    definition |= trigger.properties
    definition["type"] = trigger.type
    own = trigger.type in TRIGGERS and trigger.type != FLOW.name
    variables = {} if own else _variables(definition, flow)
    return TriggerFacts(trigger.id, trigger.type, definition, trigger.disabled, variables)


def _variables(definition: JsonObject, flow: Flow) -> JsonObject:
    """Return those of the flow's variables and labels that the texts of a trigger may read."""
    texts = [text for _, text in texts_in(definition)]
    if definition.get("when"):
        texts.append(condition_source(str(definition["when"])))
    needs = paths_needed(texts, flow.variables)
    known = {name: value for name, value in flow_variables(flow).items() if name in _OF_THE_FLOW and value}
    if needs is None:
        return known
    read = {path[0] for path in needs}
    return {name: value for name, value in known.items() if name in read}
