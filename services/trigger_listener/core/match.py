"""Finds the event triggers that match an event, and makes their starts. They are compiled once for each revision of a flow.

The cost of an event depends on its matches, not on the number of triggers. Triggers are found by topic and exact event type.
Only those without ``eventType``, or with a glob there, are checked one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import translate

from pydantic import ValidationError

from contracts.execution import StartExecution, TriggerRef
from contracts.language.flow.model import Flow, Trigger
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.trigger_start import (
    StartTemplates,
    flow_variables,
    templates_of,
    trigger_scope,
    trigger_start,
)
from contracts.language.types.property import read_properties
from contracts.language.types.trigger.event import EVENT
from contracts.language.types.trigger.event import Event as EventProperties
from contracts.registry import FlowState
from contracts.scalars import JsonObject, Millis, derive_id, trigger_key
from contracts.sized_cache import SizedCache
from services.trigger_listener.core.incoming import EVENTS, IncomingEvent

_TYPE_NAME = EVENT.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class EventTrigger:
    namespace: str
    flow_id: str
    revision: int
    trigger_id: str
    since: Millis
    """When this revision was stored."""
    topic: str
    event_type: str | None
    source: str | None
    subject: str | None
    templates: StartTemplates
    variables: JsonObject
    """Variables for its templates, besides ``trigger``."""

    @property
    def key(self) -> str:
        return trigger_key(self.namespace, self.flow_id, self.trigger_id)

    def matches(self, event: IncomingEvent) -> bool:
        """Return whether everything except ``when`` matches."""
        return (
            _fits(self.event_type, event.type)
            and _fits(self.source, event.source)
            and _fits(self.subject, event.subject)
        )


class WhenFailed(Exception):
    """``when`` could not be evaluated for this event, so it counts as false."""

    def __init__(self, trigger: EventTrigger, event: IncomingEvent, reason: str) -> None:
        super().__init__(reason)
        self.trigger = trigger
        self.event = event
        self.reason = reason


@dataclass(slots=True)
class _OfTopic:
    exact: dict[str, dict[str, EventTrigger]] = field(default_factory=dict)
    """By event type, then by trigger key."""
    others: dict[str, EventTrigger] = field(default_factory=dict)


class Matchers:
    """The event triggers in the latest revisions of all flows."""

    def __init__(self) -> None:
        self._topics: dict[str, _OfTopic] = {}
        self._by_flow: dict[tuple[str, str], tuple[EventTrigger, ...]] = {}

    def topics(self) -> dict[str, Millis]:
        """Return every topic that a trigger names, with the earliest time of such a trigger. ``events`` is always included."""
        since: dict[str, Millis] = {EVENTS: 0}
        for topic, triggers in self._topics.items():
            for trigger in _all_of(triggers):
                since[topic] = min(since.get(topic, trigger.since), trigger.since)
        return since

    def replace(self, namespace: str, flow_id: str, triggers: tuple[EventTrigger, ...]) -> None:
        """Replace the event triggers of a flow."""
        for old in self._by_flow.pop((namespace, flow_id), ()):
            self._remove(old)
        if triggers:
            self._by_flow[namespace, flow_id] = triggers
        for trigger in triggers:
            of_topic = self._topics.setdefault(trigger.topic, _OfTopic())
            if _is_exact(trigger.event_type):
                of_topic.exact.setdefault(trigger.event_type or "", {})[trigger.key] = trigger
            else:
                of_topic.others[trigger.key] = trigger

    def matching(self, topic: str, event: IncomingEvent) -> Iterator[EventTrigger]:
        of_topic = self._topics.get(topic)
        if of_topic is None:
            return
        for candidates in (of_topic.exact.get(event.type, {}), of_topic.others):
            for trigger in candidates.values():
                if trigger.matches(event):
                    yield trigger

    def _remove(self, trigger: EventTrigger) -> None:
        of_topic = self._topics[trigger.topic]
        if _is_exact(trigger.event_type):
            same_type = of_topic.exact[trigger.event_type or ""]
            same_type.pop(trigger.key, None)
            if not same_type:
                del of_topic.exact[trigger.event_type or ""]
        else:
            of_topic.others.pop(trigger.key, None)
        if not (of_topic.exact or of_topic.others):
            del self._topics[trigger.topic]


def event_triggers(state: FlowState | None) -> tuple[EventTrigger, ...]:
    """Return the enabled event triggers of a flow's latest revision, with plugin defaults. ``state`` is None if the flow is gone."""
    # Most flows have no such trigger. Searching the text saves the parser 100,000 flows at start.
    if state is None or state.deleted or _TYPE_NAME not in state.source:
        return ()
    flow = parse_flow(state.source, None).flow
    if flow is None or flow.disabled:
        return ()
    return tuple(_compile(state, flow))


def start_of(
    trigger: EventTrigger, event: IncomingEvent, at: Millis, flows_position: int
) -> StartExecution | None:
    """Return the start, or None if ``when`` is false. Raise WhenFailed. The event's source and id give the execution's id."""
    execution_id = derive_id("event", trigger.key, event.source, event.id)
    scope = trigger_scope({**trigger.variables, "trigger": event.variables}, at, execution_id)
    rendered = trigger_start(trigger.templates, scope)
    if rendered is None:
        return None
    if rendered.undecided:
        raise WhenFailed(trigger, event, rendered.failure)
    return StartExecution(
        execution_id=execution_id,
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        at=at,
        revision=trigger.revision,
        inputs=rendered.inputs,
        labels=rendered.labels,
        trigger=TriggerRef(id=trigger.trigger_id, type=EVENT.name, variables=event.variables),
        flows_position=flows_position,
        trace_parent=event.trace_parent,
        failure=rendered.failure,
    )


def _compile(state: FlowState, flow: Flow) -> Iterable[EventTrigger]:
    variables = flow_variables(flow.model_copy(update={"revision": state.revision}))
    for trigger in flow.triggers:
        if trigger.type != EVENT.name or trigger.disabled:
            continue
        properties = _properties(trigger)
        if properties is not None:
            yield EventTrigger(
                state.namespace,
                state.flow_id,
                state.revision,
                trigger.id,
                state.at,
                properties.topic or EVENTS,
                properties.event_type,
                properties.source,
                properties.subject,
                templates_of(trigger),
                variables,
            )


def _properties(trigger: Trigger) -> EventProperties | None:
    """Return None if the properties are wrong. Saving validates them, so only an older source can have wrong ones."""
    try:
        return read_properties(EventProperties, trigger.properties)
    except ValidationError:
        return None


def _all_of(triggers: _OfTopic) -> Iterator[EventTrigger]:
    for same_type in triggers.exact.values():
        yield from same_type.values()
    yield from triggers.others.values()


def _is_exact(pattern: str | None) -> bool:
    return pattern is not None and not any(character in pattern for character in "*?[")


def _fits(pattern: str | None, text: str) -> bool:
    if pattern is None:
        return True
    return pattern == text or (not _is_exact(pattern) and _GLOBS.of(pattern).match(text) is not None)


def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


_GLOBS = SizedCache(16_777_216, _glob, lambda pattern, _: 1_000 + 50 * len(pattern))
