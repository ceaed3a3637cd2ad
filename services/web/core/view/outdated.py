"""Finds tasks whose type has a successor, in the sources as written."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.language.flow.catalog import Catalog, resolve_type
from contracts.language.flow.child import child_tasks
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from contracts.registry import FlowState
from services.web.core.view.page import Json

_TASK_LISTS = ("tasks", "errors", "finally", "afterExecution")


def outdated(state: FlowState, catalog: Catalog) -> Json | None:
    """The flow with its tasks whose type has a successor. None if there are none."""
    found: list[Json] = []
    for task in tasks_of(written(state.source)):
        name = task.get("type")
        known = resolve_type(name, catalog) if isinstance(name, str) else None
        if known is not None and known.deprecated_by is not None:
            found.append(
                {"taskId": str(task.get("id", "")), "taskType": name, "replacement": known.deprecated_by}
            )
    if not found:
        return None
    head = {"namespace": state.namespace, "flowId": state.flow_id, "revision": state.revision}
    return {**head, "deprecatedTasks": found}


def written(source: str) -> Json:
    """The flow as its author wrote it. Empty if it cannot be read."""
    try:
        value = load_document(source).value
    except FlowSyntaxError:
        return {}
    return value if isinstance(value, dict) else {}


def tasks_of(flow: Json) -> Iterator[Json]:
    """At every depth, in order."""
    waiting = [task for name in _TASK_LISTS for task in _maps(flow.get(name))]
    while waiting:
        task = waiting.pop(0)
        yield task
        waiting[:0] = child_tasks(task)


def _maps(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
