"""The Flow triggers of all flows, found by the execution that may concern them. It knows flows as the flow table tells of them.

A flow is read when it is first asked for after a change, because at start a flow may come in many revisions. An execution that concerns
nobody costs three lookups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.presence import condition_source
from contracts.language.flow.flow_condition import Place
from contracts.language.flow.flow_trigger import FlowTrigger, InvalidFlowTrigger, flow_trigger
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.needs import paths_needed
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.template_check import texts_in
from contracts.language.types.trigger.flow import FLOW
from contracts.registry import FlowState
from contracts.states import State
from services.executor.executions.blueprint import by_variable

_NAMES = tuple(".".join(name.split(".")[-2:]) for name in (FLOW.name, *FLOW.aliases))
_OF_THE_EXECUTION = ("outputs", "inputs", "execution", "labels")
_ANYWHERE: Place = (None, None)


@dataclass(frozen=True, slots=True)
class Hearer:
    """A Flow trigger."""

    namespace: str
    flow_id: str
    trigger_id: str
    revision: int
    states: frozenset[State]
    needs: Mapping[str, frozenset[str] | None]
    """What its templates read of the execution: by variable the entries, None for all."""


class Audience(Protocol):
    def of(self, namespace: str, flow_id: str, state: State) -> list[Hearer]:
        """Return the triggers that may start something because an execution of this flow reached a state."""
        ...


class NoAudience:
    """Nobody hears of executions."""

    def of(self, namespace: str, flow_id: str, state: State) -> list[Hearer]:  # noqa: ARG002 - one signature
        return []


class FlowTriggers:
    """``look_up`` gives the latest revision of a flow, None if it is gone."""

    def __init__(self, look_up: Callable[[str, str], FlowState | None]) -> None:
        self._look_up = look_up
        self._changed: set[tuple[str, str]] = set()
        self._places: dict[Place, dict[str, Hearer]] = {}
        """By place, then by the key of the trigger."""
        self._of_flow: dict[tuple[str, str], list[tuple[Place, str]]] = {}

    def changed(self, state: FlowState) -> None:
        """Remember that a flow has another revision. Few have such a trigger, so a flow without one, now and before, is left out."""
        key = (state.namespace, state.flow_id)
        if key in self._of_flow or any(name in state.source for name in _NAMES):
            self._changed.add(key)

    def of(self, namespace: str, flow_id: str, state: State) -> list[Hearer]:
        if self._changed:
            self._learn()
        if not self._places:
            return []
        return [
            hearer
            for place in ((namespace, flow_id), (namespace, None), (None, flow_id), _ANYWHERE)
            for hearer in self._places.get(place, {}).values()
            if state in hearer.states and (hearer.namespace, hearer.flow_id) != (namespace, flow_id)
        ]

    def _learn(self) -> None:
        changed, self._changed = self._changed, set()
        for namespace, flow_id in changed:
            for place, key in self._of_flow.pop((namespace, flow_id), ()):
                at_place = self._places[place]
                del at_place[key]
                if not at_place:
                    del self._places[place]
            found = self._look_up(namespace, flow_id)
            if found is not None:
                self._add(found)

    def _add(self, state: FlowState) -> None:
        flow = parse_flow(state.source, None).flow
        if flow is None or flow.disabled:
            return
        entries = []
        for trigger in flow.triggers:
            read = None if trigger.disabled or trigger.type != FLOW.name else _read(trigger)
            if read is None:
                continue
            hearer = Hearer(
                state.namespace, state.flow_id, trigger.id, state.revision, read.states, _needs(trigger, flow)
            )
            for place in read.places if read.places is not None else (_ANYWHERE,):
                key = f"{state.namespace}/{state.flow_id}/{trigger.id}"
                self._places.setdefault(place, {})[key] = hearer
                entries.append((place, key))
        if entries:
            self._of_flow[state.namespace, state.flow_id] = entries


def _read(trigger: Trigger) -> FlowTrigger | None:
    """Return None if it is wrong, which only an older source can be."""
    written: dict[str, Any] = {**trigger.properties, "conditions": trigger.conditions}
    try:
        return flow_trigger(written)
    except InvalidFlowTrigger:
        return None


def _needs(trigger: Trigger, flow: Flow) -> Mapping[str, frozenset[str] | None]:
    labels = {label.key: label.value for label in trigger.labels}
    written = (trigger.properties, trigger.conditions, trigger.inputs, labels)
    texts = [text for each in written for _, text in texts_in(each)]
    texts += [condition_source(text) for text in _conditions(trigger)]
    try:
        needs = by_variable(paths_needed(texts, flow.variables))
    except (ExpressionError, RecursionError):
        return {}  # it is told when the trigger is evaluated
    if needs is None:
        return dict.fromkeys(_OF_THE_EXECUTION)
    return {name: needs[name] for name in _OF_THE_EXECUTION if name in needs}


def _conditions(trigger: Trigger) -> list[str]:
    """Return the texts that are expressions even without braces."""
    found = [] if trigger.when is None else [trigger.when]
    todo: list[object] = [*trigger.conditions, *(trigger.properties.get("dependsOn") or ())]  # type: ignore[misc]
    while todo:
        each = todo.pop()
        if isinstance(each, Mapping):
            found += [str(each[name]) for name in ("expression", "when") if name in each]
            nested = each.get("conditions")
            todo += nested.values() if isinstance(nested, Mapping) else nested or ()
    return found
