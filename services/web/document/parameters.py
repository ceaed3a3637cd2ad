"""Parameters that several operations share. What can be filtered and sorted is read from the search's own tables."""

from __future__ import annotations

from typing import Any

from contracts.telemetry import Level
from services.web.core.search.resource import Resource
from services.web.document.operation import Parameter

PAGE = Parameter("page", "which page, from 1", int)
SIZE = Parameter("size", "items of a page, 10 unless given", int)

PATH: dict[str, str] = {
    "namespace": "namespace of the flow, for example `company.team`",
    "flow_id": "id of the flow",
    "execution": "id of the execution",
    "task_run": "id of the task run",
    "task_id": "id of the task, at any depth of the flow",
    "trigger_id": "id of the trigger",
    "cls": "name of the type, for example `io.kestra.plugin.core.log.Log`",
    "key": "key of the webhook trigger: whoever knows it may start the flow",
    "path": "any further path: the trigger sees it as `trigger.path`",
    "metric": "name of the metric",
    "kind": "what the schema is of: `flow`, `task` or `trigger`",
    "type": "type of the input, for example `STRING`",
    "version": "version of the plugin",
}
"""Meaning of each variable of a path."""

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "1 to 256 characters of your choice: repeating the request with the same key starts nothing new",
    place="header",
)
IF_MATCH = Parameter(
    "If-Match",
    "the revision that you have changed: refused with 412 when there is a newer one",
    place="header",
)
DESTINATION_ONLY = Parameter("destinationOnly", "only what is started, not what starts it", bool)
REVISION = Parameter("revision", "of the flow; the latest unless given", int)
LABELS = Parameter("labels", "labels of the execution, each `key:value`; may be repeated", list[str])
LEVEL_FILTERS = (
    Parameter("minLevel", "this level and above", Level),
    Parameter("taskRunId", "only of this task run"),
    Parameter("taskId", "only of this task"),
    Parameter("attempt", "only of this attempt, from 0", int),
)
_FLAT = {
    "q": "text to look for",
    "namespace": "this namespace and those below it",
    "flowId": "id of the flow",
    "scope": "`USER` or `SYSTEM`",
    "state": "state of the execution; may be repeated",
    "labels": "`key:value`; may be repeated",
    "timeRange": "ISO 8601 duration until now, for example `PT24H`",
    "startDate": "from this instant, ISO 8601",
    "endDate": "until this instant, ISO 8601",
    "childFilter": "`CHILD` or `MAIN`",
    "triggerExecutionId": "id of the execution that started it",
    "level": "this level and above",
    "triggerId": "id of the trigger",
    "workerId": "id of the worker",
}


def searched(resource: Resource) -> tuple[Parameter, ...]:
    """Paging, sorting and filters of a search."""
    flat = tuple(Parameter(name, text) for name, text in _FLAT.items() if name in _names(resource))
    return (PAGE, SIZE, _sort(resource), filters(resource), *flat)


def selected(resource: Resource) -> tuple[Parameter, ...]:
    """Filters of a by-query operation: at least one, and none that is misspelt."""
    flat = tuple(Parameter(name, text) for name, text in _FLAT.items() if name in _names(resource))
    return (filters(resource), *flat)


def filters(resource: Resource) -> Parameter:
    fields = "\n".join(
        f"- `{name}`: {', '.join(field.ops)}" for name, field in sorted(resource.fields.items())
    )
    text = (
        "`filters[field][OPERATOR]=value`; several must all hold. Labels have a key more: "
        "`filters[labels][EQUALS][team]=data`. Groups: `filters[or][0][state][EQUALS]=FAILED`.\n\n" + fields
    )
    return Parameter("filters", text, dict[str, Any], style="deepObject")


def _sort(resource: Resource) -> Parameter:
    names = ", ".join(f"`{name}`" for name in sorted(resource.sorts))
    return Parameter("sort", f"`column:asc` or `column:desc`; may be repeated. Columns: {names}", list[str])


def _names(resource: Resource) -> set[str]:
    dates = {"startDate", "endDate", "timeRange"} if resource.dates else set()
    return set(resource.fields) | dates
