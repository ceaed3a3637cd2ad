"""Finds which flow starts which, by subflows and by triggers that wait for executions of other flows. It reads the sources as
written, so that types that this version cannot run are drawn too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.registry import FlowState
from services.web.core.view.outdated import tasks_of, written
from services.web.core.view.page import Json

Key = tuple[str, str]
"""Namespace and id of a flow."""
_UPSTREAM = "io.kestra.plugin.core.trigger.Flow"


@dataclass(frozen=True, slots=True)
class Edge:
    source: Key
    target: Key
    relation: str


def edges_of(states: Iterable[FlowState]) -> list[Edge]:
    """Edges between existing flows, each once."""
    flows = {(state.namespace, state.flow_id): written(state.source) for state in states}
    found = {edge: None for key, flow in flows.items() for edge in _edges(key, flow)}
    return [edge for edge in found if edge.source in flows and edge.target in flows]


def around(edges: Iterable[Edge], start: Key, *, destination_only: bool, everything: bool) -> list[Edge]:
    """Edges of one flow: to the flows that it starts and, unless ``destination_only``, from those that start it. With
    ``everything``, also edges of those flows, and so on."""
    known = list(edges)
    reached, found = {start}, dict.fromkeys(_next_to(known, {start}, destination_only=destination_only))
    while everything:
        reached |= {key for edge in found for key in (edge.source, edge.target)}
        more = [
            each for each in _next_to(known, reached, destination_only=destination_only) if each not in found
        ]
        if not more:
            break
        found |= dict.fromkeys(more)
    return list(found)


def of_namespace(edges: Iterable[Edge], namespace: str, *, destination_only: bool) -> list[Edge]:
    """Edges that begin in the namespace or, unless ``destination_only``, end there."""
    return [
        edge
        for edge in edges
        if edge.source[0] == namespace or (not destination_only and edge.target[0] == namespace)
    ]


def topology(edges: Iterable[Edge], alone: Iterable[Key] = ()) -> Json:
    """``alone`` are flows that are shown even without an edge."""
    drawn = list(edges)
    keys = dict.fromkeys([*(key for edge in drawn for key in (edge.source, edge.target)), *alone])
    return {
        "nodes": [{"uid": _uid(key), "namespace": key[0], "id": key[1]} for key in keys],
        "edges": [
            {"source": _uid(edge.source), "target": _uid(edge.target), "relation": edge.relation}
            for edge in drawn
        ],
    }


def _next_to(edges: Iterable[Edge], keys: set[Key], *, destination_only: bool) -> Iterator[Edge]:
    return (edge for edge in edges if edge.source in keys or (not destination_only and edge.target in keys))


def _edges(key: Key, flow: Json) -> Iterator[Edge]:
    for task in tasks_of(flow):
        target = _flow_named(task)
        if target is not None and isinstance(task.get("type"), str):
            yield Edge(key, target, "FLOW_TASK")
    triggers = flow.get("triggers")
    for trigger in triggers if isinstance(triggers, list) else ():
        if isinstance(trigger, dict) and trigger.get("type") == _UPSTREAM:
            for upstream in _upstream(trigger):
                yield Edge(upstream, key, "FLOW_TRIGGER")


def _flow_named(value: Mapping[str, object]) -> Key | None:
    """Reads plain names only, because the value of an expression is unknown before it runs."""
    namespace, flow_id = value.get("namespace"), value.get("flowId")
    return (namespace, flow_id) if isinstance(namespace, str) and isinstance(flow_id, str) else None


def _upstream(value: object) -> Iterator[Key]:
    """Flows that the trigger names anywhere in its conditions."""
    if isinstance(value, dict):
        named = _flow_named(value)
        if named is not None:
            yield named
        for each in value.values():
            yield from _upstream(each)
    elif isinstance(value, list):
        for each in value:
            yield from _upstream(each)


def _uid(key: Key) -> str:
    return f"main_{key[0]}_{key[1]}"
