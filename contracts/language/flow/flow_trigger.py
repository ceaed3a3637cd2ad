"""A Flow trigger, as it is carried out: the states it hears of, its conditions, and the groups of parts that must be met within a window.

The executor asks whose executions may concern it. The trigger-listener decides whether they do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from contracts.codec import encode
from contracts.json_text import loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.flow.condition import Condition
from contracts.language.flow.flow_condition import (
    CONDITIONS,
    Multiple,
    Place,
    Places,
    UpstreamCondition,
    WhereCondition,
    places_of,
)
from contracts.language.flow.reader import TRIGGER_KEYS
from contracts.language.flow.schema import message_of
from contracts.language.flow.trigger_condition import condition_of
from contracts.language.flow.trigger_start import StartTemplates, label_map
from contracts.language.types.property import read_properties
from contracts.language.types.trigger.flow import Dependency, Preconditions
from contracts.language.types.trigger.flow import Flow as FlowProperties
from contracts.language.types.trigger.time_window import TimeWindow
from contracts.states import State

DEPENDENCIES = "dependsOn"
"""The id of the group of ``dependsOn``."""
_WELL = (State.SUCCESS, State.WARNING)


class InvalidFlowTrigger(ValueError):
    """The definition can never fire. The text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    """Derived from what it asks, so that it stays the same in later revisions."""
    condition: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which ``least`` must be met within one window."""

    id: str
    parts: tuple[Part, ...]
    least: int
    window: TimeWindow
    resets: bool
    """After an execution was started, nothing counts as met."""


@dataclass(frozen=True, slots=True)
class FlowTrigger:
    states: frozenset[State]
    conditions: tuple[Condition, ...]
    groups: tuple[Group, ...]
    templates: StartTemplates
    """``when``, inputs and labels."""
    stop_after: tuple[str, ...]

    @property
    def places(self) -> Places:
        """Return whose executions may concern it."""
        found = [places_of(each) for each in self.conditions] + [_of_group(each) for each in self.groups]
        narrow = [places for places in found if places is not None]
        return min(narrow, key=_width) if narrow else None


def _width(places: frozenset[Place]) -> int:
    """Return how much it takes to look at executions of these places: a namespace has many flows."""
    return sum(1 if flow_id is not None else 1_000 for _, flow_id in places)


def _of_group(group: Group) -> Places:
    found: set[Place] = set()
    for part in group.parts:
        condition = part.condition
        if isinstance(condition, UpstreamCondition):
            places: Places = frozenset({condition.place})
        else:
            places = places_of(condition)
        if places is None:
            return None
        found |= places
    return frozenset(found)


def read_flow_trigger(definition: bytes) -> FlowTrigger | None:
    """Return None for a definition that never fires."""
    try:
        return parse_flow_trigger(definition)
    except InvalidFlowTrigger:
        return None


@lru_cache(maxsize=4_096)
def parse_flow_trigger(definition: bytes) -> FlowTrigger:
    """Parse the JSON of a definition, which takes bounded memory for any number of triggers. Raise InvalidFlowTrigger."""
    return flow_trigger(loads(definition))


def flow_trigger(written: Mapping[str, Any]) -> FlowTrigger:
    """Read a trigger with its properties in one map. Raise InvalidFlowTrigger."""
    own = {key: each for key, each in written.items() if key not in TRIGGER_KEYS}
    try:
        properties = read_properties(FlowProperties, own)
        conditions = [condition_of(each, CONDITIONS) for each in written.get("conditions") or ()]
    except ValidationError as error:
        raise InvalidFlowTrigger(message_of(error.errors()[0])) from error
    except ExpressionError as error:
        raise InvalidFlowTrigger(str(error)) from error
    when = written.get("when")
    return FlowTrigger(
        states=frozenset(properties.states),
        conditions=tuple(each for each in conditions if not isinstance(each, Multiple)),
        groups=(
            *(_of_multiple(each) for each in conditions if isinstance(each, Multiple)),
            *_groups(properties),
        ),
        templates=StartTemplates(
            None if when is None else str(when),
            (),
            written.get("inputs") or {},
            label_map(written.get("labels")),
        ),
        stop_after=tuple(written.get("stopAfter") or ()),
    )


def _groups(properties: FlowProperties) -> Sequence[Group]:
    if properties.preconditions is not None:
        return [_of_preconditions(properties.preconditions)]
    return [_of_dependencies(properties, properties.depends_on)] if properties.depends_on else []


def _of_preconditions(written: Preconditions) -> Group:
    conditions: list[Condition] = [
        UpstreamCondition(
            namespace=each.namespace, flow_id=each.flow_id, states=each.states, labels=each.labels
        )
        for each in written.flows
    ]
    conditions += [WhereCondition(filters=each.filters, operand=each.operand) for each in written.where]
    names = [*("" for _ in written.flows), *(each.id for each in written.where)]
    parts = _parts(zip(names, conditions, strict=True))
    return Group(written.id, parts, len(parts), written.time_window, written.reset_on_success)


def _of_dependencies(properties: FlowProperties, written: Sequence[Dependency]) -> Group:
    default = None if "states" in properties.model_fields_set else _WELL
    parts = _parts(("", _of_dependency(each, default)) for each in written)
    least = {"ALL": len(parts), "ANY": 1}.get(properties.mode, properties.min_satisfied or 1)
    window = properties.window
    within = TimeWindow() if window is None else window.as_time_window()
    return Group(DEPENDENCIES, parts, least, within, window is None or window.fire_once)


def _of_dependency(written: Dependency, default: tuple[State, ...] | None) -> Condition:
    when = written.when
    return UpstreamCondition(
        namespace=written.namespace,
        flow_id=written.flow_id,
        states=written.states if written.states is not None else default,
        labels=written.labels,
        when=None if when is None else str(when).lower() if isinstance(when, bool) else when,
    )


def _of_multiple(written: Multiple) -> Group:
    parts = _parts(written.conditions.items())
    return Group(written.id, parts, len(parts), written.within, written.reset_on_success)


def _parts(named: Any) -> tuple[Part, ...]:
    """Return one part for each different condition."""
    found = {_part_id(name, condition): condition for name, condition in named}
    return tuple(Part(part_id, condition) for part_id, condition in found.items())


def _part_id(name: str, condition: Condition) -> str:
    said = condition.model_dump(mode="json", by_alias=True)
    return blake2b(encode([name, _sorted(said)]), digest_size=9).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list | tuple) else value
