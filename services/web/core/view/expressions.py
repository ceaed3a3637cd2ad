"""The expressions that a place in a flow may use, by category, for whoever completes texts. The flow is read as far as it can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.flow.child import child_tasks
from services.web.core.view.page import Json

_LISTS = ("tasks", "errors", "finally", "afterExecution")
_EXECUTION = ("execution.id", "execution.startDate", "execution.originalId", "execution.state")
_FLOW = ("flow.id", "flow.namespace", "flow.revision", "flow.tenantId")
_TASK = ("task.id", "task.type", "taskrun.id", "taskrun.startDate", "taskrun.attemptsCount")


def expressions_of(flow: Json, task_id: str | None = None) -> Json:
    """Return lists of expressions without braces. ``task_id``: only outputs of the tasks that are written before this one count,
    and what a task run knows of itself is added."""
    before = list(_before(flow, task_id))
    found: dict[str, list[str]] = {
        "inputs": [f"inputs.{name}" for name in _names(flow.get("inputs"))],
        "outputs": [_reached("outputs", name) for name in before],
        "tasks": [f"{_reached('tasks', name)}.state" for name in before],
        "vars": _paths("vars", flow.get("variables")),
        "labels": [_reached("labels", name) for name in _label_names(flow.get("labels"))],
        "triggers": ["trigger.id", "trigger.type"] if _names(flow.get("triggers")) else [],
        "flow": list(_FLOW),
        "execution": list(_EXECUTION),
        "functions": [f"{name}()" for name in sorted(FUNCTIONS)],
        "filters": sorted(FILTERS),
    }
    if task_id is not None:
        found["task"] = list(_TASK)
    return {"categories": {name: each for name, each in found.items() if each}}


def _maps(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return [
        str(each.get("id", each.get("name"))) for each in _maps(value) if each.get("id", each.get("name"))
    ]


def _before(flow: Json, task_id: str | None) -> Iterator[str]:
    waiting = [each for name in _LISTS for each in _maps(flow.get(name))]
    while waiting:
        task = waiting.pop(0)
        name = str(task.get("id") or "")
        if task_id is not None and name == task_id:
            return
        if name:
            yield name
        waiting[:0] = child_tasks(task)


def _label_names(value: Any) -> list[str]:
    return (
        [str(name) for name in value]
        if isinstance(value, dict)
        else [str(e["key"]) for e in _maps(value) if "key" in e]
    )


def _paths(head: str, value: Any) -> list[str]:
    found = []
    for name, each in value.items() if isinstance(value, dict) else ():
        path = _reached(head, str(name))
        found.append(path)
        found += _paths(path, each)
    return found


def _reached(head: str, name: str) -> str:
    """A name that is no identifier stands in brackets."""
    plain = all(part.isidentifier() for part in name.split(".")) and name.isascii()
    return f"{head}.{name}" if plain else f"{head}['{name}']"
