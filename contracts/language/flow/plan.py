"""The compiled flow that the executor's core runs. It is made once for each revision, and all executions share it.
Immutable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.listener import Listener
from contracts.language.flow.model import Flow, Task
from contracts.language.flow.needs import Needs, paths_needed
from contracts.language.flow.retry import Retry, next_attempt_delay
from contracts.language.flow.template_check import texts_in
from contracts.language.types.declaration import FlowableType
from contracts.language.types.index import FLOWABLES
from contracts.language.types.property import read_properties

__all__ = ["Needs", "Node", "Plan", "compile_plan", "next_attempt_delay"]


@dataclass(slots=True, eq=False)
class Node:
    """A task in its place. Compared by identity, and never changed once its plan is made."""

    task: Task
    id: str
    """The task's id."""
    parent: Node | None
    flowable: FlowableType[Any] | None
    """None for a runnable task."""
    compiled: Any
    """The result of the flowable's ``compile`` with its properties. None for runnable tasks."""
    retry: Retry | None
    """Its own, else that of the nearest enclosing flowable that has one, else the flow's. None for flowables with tasks."""
    timeout: timedelta | Template | None
    run_if: Template | None
    needs: Needs = None
    """What its own properties refer to, without children. ``vars`` are followed into their texts."""
    lists: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    """Enabled children by list: ``tasks``, ``then``, ``else``, ``errors``, ``finally``."""

    @property
    def depends_on(self) -> tuple[str, ...]:
        return self.task.depends_on


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    flow: Flow
    nodes: Mapping[str, Node]
    """By task id, without disabled tasks and everything below them."""
    tasks: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]
    after_execution: tuple[Node, ...]
    hearing: tuple[tuple[Listener, tuple[Node, ...]], ...] = ()
    """Listeners, each with its tasks."""


def compile_plan(flow: Flow) -> Plan:
    """Compile a flow. Raise ExpressionSyntaxError if its expressions were never validated."""
    compiler = _Compiler(flow)
    roots = [
        compiler.nodes_of(tasks, None, flow.retry)
        for tasks in (flow.tasks, flow.errors, flow.finally_, flow.after_execution)
    ]
    hearing = tuple((each, compiler.nodes_of(each.tasks, None, flow.retry)) for each in flow.hearing)
    return Plan(flow, compiler.nodes, roots[0], roots[1], roots[2], roots[3], hearing)


class _Compiler:
    def __init__(self, flow: Flow) -> None:
        self.nodes: dict[str, Node] = {}
        self._flow = flow

    def nodes_of(self, tasks: Iterable[Task], parent: Node | None, retry: Retry | None) -> tuple[Node, ...]:
        return tuple(self._node(task, parent, retry) for task in tasks if not task.disabled)

    def _node(self, task: Task, parent: Node | None, inherited: Retry | None) -> Node:
        retry = task.retry or inherited
        flowable = FLOWABLES.get(task.type)
        node = Node(
            task=task,
            id=task.id,
            parent=parent,
            flowable=flowable,
            compiled=_compiled(flowable, task) if flowable is not None else None,
            retry=retry if flowable is None or _runs_flow(flowable) else None,
            timeout=compile_template(task.timeout) if isinstance(task.timeout, str) else task.timeout,
            run_if=None if task.run_if is None else compile_template(task.run_if),
            needs=self._needs(task),
        )
        self.nodes[task.id] = node
        if flowable is not None:
            node.lists = {name: self.nodes_of(each, node, retry) for name, each in task.children.items()}
        return node

    def _needs(self, task: Task) -> Needs:
        return paths_needed(own_texts(task, self._flow), self._flow.variables)


def own_texts(task: Task, flow: Flow) -> list[str]:
    """Return all texts of a task that are rendered, without its children."""
    group = task.worker_group or flow.worker_group
    cache = (task.task_cache.enabled, task.task_cache.ttl) if task.task_cache is not None else ()
    others = (task.run_if, task.timeout, group.key if group is not None else None, *cache)
    return [
        *(text for _, text in texts_in(task.properties)),
        *(text for text in others if isinstance(text, str)),
    ]


def _runs_flow(flowable: FlowableType[Any]) -> bool:
    return flowable.children is not None and flowable.children.flow is not None


def _compiled(flowable: FlowableType[Any], task: Task) -> Any:
    return flowable.compile(read_properties(flowable.properties, task.properties))
