"""Turns a stored flow source into the JSON that clients read. A source that no longer parses is shown with the reason,
never hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from contracts.language.flow.child import child_tasks
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from contracts.scalars import to_iso
from services.web.core.rows import FlowRow
from services.web.core.view.page import Json

_TASK_LISTS = ("tasks", "errors", "finally", "afterExecution")
_NATIVE = frozenset({"labels", "inputs", "disabled", "id", "namespace", "revision", "deleted"})
_FRAGMENT_LINES = 2


def flow_page(row: FlowRow, *, source: bool = False) -> Json:
    """The flow as stored. Without ``source`` it has only keys that Kestra has, because a Terraform plan compares them."""
    document, problem = _document(row.source)
    page: Json = {"id": row.id, "namespace": row.namespace, "revision": row.revision}
    if row.description:
        page["description"] = row.description
    inputs = _inputs(document)
    if inputs:
        page["inputs"] = inputs
    page["disabled"] = row.disabled
    page["deleted"] = row.deleted
    if row.labels:
        page["labels"] = [{"key": key, "value": value} for key, value in row.labels.items()]
    for key, value in document.items():
        if key not in _NATIVE and key not in page and value is not None:
            page[key] = value
    page.setdefault("tasks", [])
    page["updated"] = to_iso(row.updated_at)
    if source:
        page["source"] = row.source
        page["draft"] = False
        page["tenantId"] = "main"
    if problem and not row.deleted:  # a revision that deletes has no source
        page["exception"] = problem
    return page


def flow_for_execution(namespace: str, flow_id: str, revision: int, source: str) -> Json:
    """The flow for a form that executes it, without task bodies."""
    document, problem = _document(source)
    page: Json = {
        "id": flow_id,
        "namespace": namespace,
        "revision": revision,
        "inputs": _inputs(document),
        "disabled": document.get("disabled") is True,
        "deleted": False,
    }
    labels = document.get("labels")
    if isinstance(labels, dict):
        page["labels"] = [{"key": str(key), "value": str(value)} for key, value in labels.items()]
    elif isinstance(labels, list):
        page["labels"] = labels
    for name in _TASK_LISTS:
        page[name] = [_task_head(task) for task in _maps(document.get(name))]
    page["triggers"] = [_head(trigger) for trigger in _maps(document.get("triggers"))]
    page |= {"quotas": [], "sla": []}
    if isinstance(document.get("variables"), dict):
        page["variables"] = document["variables"]
    if problem:
        page["exception"] = problem
    return page


def find_task(flow: Json, task_id: str) -> Json | None:
    """A task as it is written in the flow, at any depth."""
    waiting = [task for name in _TASK_LISTS for task in _maps(flow.get(name))]
    while waiting:
        task = waiting.pop(0)
        if task.get("id") == task_id and isinstance(task.get("type"), str):
            return task
        waiting[:0] = child_tasks(task)
    return None


def input_view(declared: Json) -> Json:
    """The input with an explicit ``required``, and with simple defaults as text, as clients expect."""
    view = {**declared, "required": declared.get("required", True) is not False}
    defaults = declared.get("defaults")
    if isinstance(defaults, bool):
        view["defaults"] = "true" if defaults else "false"
    elif isinstance(defaults, int | float):
        view["defaults"] = str(defaults)
    return {key: value for key, value in view.items() if value is not None}


def fragments(source: str, text: str, limit: int = 5) -> list[str]:
    """The places of the text in the source, marked, with their neighbouring lines."""
    lines = source.splitlines()
    pattern = re.compile(re.escape(text), re.IGNORECASE)
    found: list[str] = []
    for number, line in enumerate(lines):
        if len(found) == limit:
            break
        if pattern.search(line):
            around = lines[max(0, number - _FRAGMENT_LINES + 1) : number + _FRAGMENT_LINES]
            found.append(pattern.sub(lambda hit: f"[mark]{hit[0]}[/mark]", "\n".join(around)))
    return found


def matches(source: str, text: str) -> list[Json]:
    """The same hits as a flat list, with line and column from 1."""
    pattern = re.compile(re.escape(text), re.IGNORECASE)
    return [
        {"line": number, "column": hit.start() + 1, "text": line}
        for number, line in enumerate(source.splitlines(), 1)
        if (hit := pattern.search(line))
    ]


def _document(source: str) -> tuple[Json, str]:
    try:
        value = load_document(source).value
    except FlowSyntaxError as error:
        return {}, str(error)
    return (value, "") if isinstance(value, dict) else ({}, "Illegal flow yaml: not a mapping")


def _inputs(document: Json) -> list[Json]:
    return [input_view(declared) for declared in _maps(document.get("inputs"))]


def _maps(value: Any) -> Iterable[Json]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _head(item: Json) -> Json:
    return {key: item[key] for key in ("id", "type", "version") if item.get(key) is not None}


def _task_head(task: Json) -> Json:
    head = _head(task)
    children = [_task_head(child) for child in child_tasks(task)]
    if children:
        head["tasks"] = children
    if isinstance(task.get("flowId"), str) and isinstance(task.get("namespace"), str):
        head["subflowId"] = {"namespace": task["namespace"], "flowId": task["flowId"]}
    return head
