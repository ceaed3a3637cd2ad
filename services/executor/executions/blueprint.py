"""A compiled flow, with what the core derives from it once: task definitions as JSON, needs by variable, lists."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple, Protocol

import msgspec

from contracts.codec import encode
from contracts.json_text import loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import compile_template
from contracts.language.flow.listener import Listener
from contracts.language.flow.model import Concurrency, Flow, FlowOutput, Sla, TaskCache
from contracts.language.flow.needs import Needs, paths_needed
from contracts.language.flow.plan import Node, Plan, own_texts
from contracts.language.flow.template_check import texts_in
from contracts.language.types.declaration import ERRORS, FINALLY
from contracts.language.types.duration import format_duration
from contracts.language.types.index import TASKS
from contracts.language.types.pure import PureTask
from contracts.scalars import JsonObject
from contracts.telemetry import LEVELS
from services.executor.executions.rendering.own_iteration import own_levels
from services.executor.executions.state import TaskRun

BLUEPRINTS = 2_000
_PURE = {name: task for task in TASKS.values() for name in (task.name, *task.aliases)}


class Plans(Protocol):
    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        """Look up this revision, or the latest, without waiting. The same revision always gives the same object."""
        ...


class Lists(NamedTuple):
    """The task lists of the execution or of one flowable, as they apply to one run."""

    main: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]


def lists_of(node: Node, run: TaskRun) -> Lists:
    assert node.flowable is not None
    lists = node.lists
    return Lists(node.flowable.main(lists, run.outputs), lists.get(ERRORS, ()), lists.get(FINALLY, ()))


@dataclass(frozen=True, slots=True)
class InPlace:
    """What the executor needs to decide the task itself."""

    pure: PureTask
    written: JsonObject
    """The properties as a worker reads them."""
    lowest: int
    """The rank of the lowest level that its log keeps."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every attempt of one task carries."""

    node: Node
    raw: msgspec.Raw
    timeout: str | None
    needs: Mapping[str, frozenset[str] | None] | None
    """By variable: the entries that templates read. None for an entry set means all; None here means anything."""
    own_levels: Mapping[str, int]
    """By task id: at how many levels of loops only outputs of the run's own iteration are read."""
    in_place: InPlace | None = None
    """None: only a worker can run it."""


@dataclass(slots=True)
class Blueprint:
    plan: Plan
    lists: Lists
    variables: JsonObject
    labels: Mapping[str, str]
    cleaning: frozenset[str]
    """Ids of the tasks in and below ``errors``, ``finally``, ``afterExecution`` and listeners, at any level."""
    after_execution: tuple[Node, ...] = ()
    hearing: tuple[tuple[Listener, tuple[Node, ...]], ...] = ()
    outputs: tuple[FlowOutput, ...] = ()
    """Of the flow, or of the loop whose tasks these are."""
    assertions: tuple[Sla, ...] = ()
    """Service levels of the flow that are conditions."""
    _prepared: dict[str, Prepared] = field(default_factory=dict)
    _bodies: dict[str, Blueprint] = field(default_factory=dict)

    def after(self, heard: Iterable[int]) -> tuple[Node, ...]:
        """Return what runs after the end, one after another: tasks of the listeners with these numbers, then ``afterExecution``."""
        listening = [
            node for number in heard if number < len(self.hearing) for node in self.hearing[number][1]
        ]
        return (*listening, *self.after_execution)

    def body(self, task_id: str) -> Blueprint | None:
        """Return what a child execution of this loop runs: its lists alone. None if there is no such loop."""
        node = self.plan.nodes.get(task_id)
        if node is None or node.flowable is None or node.flowable.children is None:
            return None
        found = self._bodies.get(task_id)
        if found is None:
            lists = Lists(
                node.lists.get("tasks", ()), node.lists.get(ERRORS, ()), node.lists.get(FINALLY, ())
            )
            outputs = tuple(
                FlowOutput.model_validate(each.model_dump(by_alias=True))
                for each in getattr(node.compiled, "outputs", ())
            )
            found = self._bodies[task_id] = replace(
                self, lists=lists, after_execution=(), hearing=(), outputs=outputs, _bodies={}
            )
        return found

    def prepared(self, node: Node) -> Prepared:
        found = self._prepared.get(node.task.id)
        if found is None:
            found = self._prepared[node.task.id] = _prepare(node, self.plan.flow)
        return found

    def narrowed(self, node: Node, texts: Sequence[str]) -> Prepared:
        """Return the task with the needs of only these texts."""
        variables = self.plan.flow.variables
        needs = paths_needed(texts, variables)
        levels = _own_levels(needs, texts, variables)
        return replace(self.prepared(node), needs=by_variable(needs), own_levels=levels)


class Blueprints:
    """The blueprints of flows in use, made when first requested."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._known: OrderedDict[tuple[str, str, int], Blueprint] = OrderedDict()

    def of(self, namespace: str, flow_id: str, revision: int | None) -> Blueprint | None:
        plan = self._plans.plan(namespace, flow_id, revision)
        if plan is None:
            return None
        key = (namespace, flow_id, plan.flow.revision or 0)
        found = self._known.get(key)
        if found is None or found.plan is not plan:
            found = self._known[key] = _draw(plan)
            if len(self._known) > BLUEPRINTS:
                self._known.popitem(last=False)
        return found

    def limit_of(self, namespace: str, flow_id: str) -> Concurrency | None:
        """Return the limit of the latest revision, whatever revision runs."""
        plan = self._plans.plan(namespace, flow_id, None)
        return plan.flow.concurrency if plan is not None else None


def _draw(plan: Plan) -> Blueprint:
    flow = plan.flow
    cleaning: set[str] = set()
    todo = [*plan.errors, *plan.finally_, *plan.after_execution]
    todo += (node for _, nodes in plan.hearing for node in nodes)
    todo += [
        child
        for node in plan.nodes.values()
        for slot in (ERRORS, FINALLY)
        for child in node.lists.get(slot, ())
    ]
    while todo:
        node = todo.pop()
        cleaning.add(node.task.id)
        todo.extend(child for children in node.lists.values() for child in children)
    return Blueprint(
        plan,
        Lists(plan.tasks, plan.errors, plan.finally_),
        dict(flow.variables),
        {label.key: label.value for label in flow.labels if not label.key.startswith("system.")},
        frozenset(cleaning),
        plan.after_execution,
        plan.hearing,
        flow.outputs,
        tuple(sla for sla in flow.sla if sla.assert_ is not None),
    )


def _prepare(node: Node, flow: Flow) -> Prepared:
    task = node.task
    written: JsonObject = {"properties": task.properties}
    if task.log_level is not None:
        written["logLevel"] = task.log_level
    for name, value in (
        ("logToFile", task.log_to_file),
        ("allowFailure", task.allow_failure),
        ("allowWarning", task.allow_warning),
    ):
        if value:
            written[name] = True
    if task.task_cache is not None:
        written["taskCache"] = _cache(task.task_cache)
    raw = msgspec.Raw(encode(written))
    levels = _own_levels(node.needs, own_texts(task, flow), flow.variables)
    in_place = _in_place(node, raw) if flow.worker_group is None else None
    return Prepared(node, raw, _timeout(node), by_variable(node.needs), levels, in_place)


def _in_place(node: Node, raw: msgspec.Raw) -> InPlace | None:
    task = node.task
    pure = _PURE.get(task.type)
    if pure is None or (task.worker_group is not None and not pure.updates):
        return None
    if (task.task_cache is not None or task.log_to_file) and not pure.updates:
        return None  # a worker keeps the outputs, or the log
    if (
        node.timeout is not None
        and not pure.updates
        and (not isinstance(node.timeout, timedelta) or not node.timeout)
    ):
        return None  # a worker renders it, and an attempt without any time fails
    try:
        called = {name for _, text in texts_in(task.properties) for name in compile_template(text).calls}
    except ExpressionError:
        return None
    if called & WORKER_FUNCTIONS:
        return None
    lowest = LEVELS.index(task.log_level) if task.log_level in LEVELS else 0
    return InPlace(pure, loads(bytes(raw))["properties"], lowest)


def _cache(cache: TaskCache) -> JsonObject:
    ttl = format_duration(cache.ttl) if isinstance(cache.ttl, timedelta) else cache.ttl
    return {"enabled": cache.enabled, **({"ttl": ttl} if ttl is not None else {})}


def _timeout(node: Node) -> str | None:
    timeout = node.task.timeout
    return format_duration(timeout) if isinstance(timeout, timedelta) else timeout


def by_variable(needs: Needs) -> Mapping[str, frozenset[str] | None] | None:
    """Return by variable the entries that are needed, None for all of them. None in all means anything."""
    if needs is None:
        return None
    found: dict[str, set[str] | None] = {}
    for head, *rest in needs:
        if not rest:
            found[head] = None
            continue
        entries = found.setdefault(head, set())
        if entries is not None:
            entries.add(rest[0])
    return {head: frozenset(entries) if entries is not None else None for head, entries in found.items()}


def _own_levels(needs: Needs, texts: Sequence[str], variables: Mapping[str, object]) -> Mapping[str, int]:
    """Return nothing if a variable that holds an expression may be rendered, because then nothing is certain."""
    if needs is None or any(has_expression(text) for _, text in texts_in(variables)):
        return {}
    return own_levels(texts)
