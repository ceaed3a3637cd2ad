"""The compiled flow that the executor's core runs: what can be known before an execution is worked out once a
revision and shared by all its executions. Immutable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.catalog import FOR_EACH, IF, PARALLEL, SLOTS
from contracts.language.flow.model import Flow, Task
from contracts.language.flow.needs import Needs, paths_needed
from contracts.language.flow.retry import Retry, next_attempt_delay
from contracts.language.flow.template_check import texts_in

__all__ = ["Needs", "Node", "Plan", "compile_plan", "next_attempt_delay"]


@dataclass(slots=True, eq=False)
class Node:
    """A task in its place. Compared by identity; never changed once its plan is made."""

    task: Task
    kind: Literal["runnable", "flowable"]
    parent: Node | None
    retry: Retry | None
    """Its own, else that of the nearest flowable around it that has one, else the flow's. None for flowables."""
    timeout: timedelta | Template | None
    run_if: Template | None
    condition: Template | None = None
    """Of If."""
    values: Template | list[object] | None = None
    """Of ForEach: the expression, or the elements as written."""
    concurrent: int = 1
    """Most children (Parallel) or values (ForEach) at once; 0 = all."""
    on_child_failure: Literal["CONTINUE", "CANCEL", "FAIL"] = "FAIL"
    needs: Needs = None
    """What the texts of its own properties refer to, children not included, ``vars`` followed into their texts."""
    lists: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    """Enabled children by slot: ``tasks``, ``then``, ``else``, ``errors``, ``finally``."""

    @property
    def id(self) -> str:
        return self.task.id


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    flow: Flow
    nodes: Mapping[str, Node]
    """By task id, disabled ones and what is below them left out."""
    tasks: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]
    after_execution: tuple[Node, ...]


def compile_plan(flow: Flow) -> Plan:
    """Raises ExpressionSyntaxError for a flow whose expressions were never validated."""
    compiler = _Compiler(flow)
    roots = [
        compiler.nodes_of(tasks, None, flow.retry)
        for tasks in (flow.tasks, flow.errors, flow.finally_, flow.after_execution)
    ]
    return Plan(flow, compiler.nodes, roots[0], roots[1], roots[2], roots[3])


class _Compiler:
    def __init__(self, flow: Flow) -> None:
        self.nodes: dict[str, Node] = {}
        self._variables = flow.variables

    def nodes_of(self, tasks: Iterable[Task], parent: Node | None, retry: Retry | None) -> tuple[Node, ...]:
        return tuple(self._node(task, parent, retry) for task in tasks if not task.disabled)

    def _node(self, task: Task, parent: Node | None, inherited: Retry | None) -> Node:
        retry = task.retry or inherited
        flowable = task.type in SLOTS
        node = Node(
            task=task,
            kind="flowable" if flowable else "runnable",
            parent=parent,
            retry=None if flowable else retry,
            timeout=compile_template(task.timeout) if isinstance(task.timeout, str) else task.timeout,
            run_if=None if task.run_if is None else compile_template(task.run_if),
            needs=self._needs(task),
        )
        self.nodes[task.id] = node
        if flowable:
            self._flowable(node, task.properties)
            node.lists = {slot: self.nodes_of(each, node, retry) for slot, each in task.children.items()}
        return node

    def _flowable(self, node: Node, properties: Mapping[str, object]) -> None:
        if node.task.type == IF:
            condition = properties["condition"]
            text = str(condition).lower() if isinstance(condition, bool) else str(condition)
            node.condition = compile_template(text)
        elif node.task.type == PARALLEL:
            node.concurrent = _whole(properties.get("concurrent"), 0)
            choice = str(properties.get("onChildFailure") or "FAIL").upper()
            node.on_child_failure = (
                "CANCEL" if choice == "CANCEL" else "FAIL" if choice == "FAIL" else "CONTINUE"
            )
        elif node.task.type == FOR_EACH:
            node.concurrent = _whole(properties.get("concurrencyLimit"), 1)
            values = properties["values"]
            node.values = compile_template(values) if isinstance(values, str) else list(_elements(values))

    def _needs(self, task: Task) -> Needs:
        own = [text for _, text in texts_in(task.properties)]
        own += [text for text in (task.run_if, task.timeout) if isinstance(text, str)]
        return paths_needed(own, self._variables)


def _whole(value: object, default: int) -> int:
    return default if value is None else int(str(value))


def _elements(values: object) -> Iterable[object]:
    return values if isinstance(values, (list, tuple)) else ()
