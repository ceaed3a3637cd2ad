"""Parameters that several operations share. Filters and sort columns come from the search's own tables."""

from __future__ import annotations

from typing import Any, TypeAlias

from contracts.telemetry import Level
from services.web.core.search.listing import Listing
from services.web.core.search.resource import Resource
from services.web.document.operation import Parameter

PAGE = Parameter("page", "number of the page, from 1", int)
SIZE = Parameter("size", "items on a page; default: 10", int)

PATH: dict[str, str] = {
    "namespace": "the namespace, for example `company.team`",
    "flow_id": "id of the flow",
    "execution": "id of the execution",
    "task_run": "id of the task run",
    "task_id": "id of the task, at any depth of the flow",
    "trigger_id": "id of the trigger",
    "cls": "name of the type, for example `io.kestra.plugin.core.log.Log`",
    "key": "key of the webhook trigger, the only secret for starting the flow",
    "path": "a further path; the webhooks of flows have none, so the answer is 404",
    "metric": "name of the metric",
    "kind": "subject of the schema: `flow`, `task` or `trigger`",
    "type": "type of the input, for example `STRING`",
    "version": "version of the plugin",
    "name": "key of the value",
    "token_id": "id of the token",
    "group": "group of types, for example `io.kestra.plugin.core.log`",
    "job": "id of the installation",
}
"""The meaning of each variable in paths."""

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "1 to 256 characters of your choice; repeating the request with the same key starts nothing new",
    place="header",
)
IF_MATCH = Parameter(
    "If-Match",
    "the revision that you have changed; if there is a newer one, the answer is 412",
    place="header",
)
DESTINATION_ONLY = Parameter(
    "destinationOnly", "only the flows that are started, not those that start others", bool
)
SUBFLOWS = Parameter(
    "subflows", "uids of tasks, separated by commas, in whose place the flow is drawn that they start"
)
BREAKPOINTS = Parameter(
    "breakpoints",
    "where it stops: `task`, or `task.value` for one value of a loop; several are separated by commas",
)
REVISION = Parameter("revision", "revision of the flow; default: the latest", int)
LABELS = Parameter("labels", "labels of the execution, each `key:value`; may be repeated", list[str])
LEVEL_FILTERS = (
    Parameter("minLevel", "only lines of this level and above", Level),
    Parameter("taskRunId", "only lines of this task run"),
    Parameter("taskId", "only lines of this task"),
    Parameter("attempt", "only lines of this attempt, which counts from 0", int),
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
    "level": "only lines of this level and above",
    "triggerId": "id of the trigger",
    "workerId": "id of the worker",
}


Searchable: TypeAlias = "Resource | Listing[Any]"


def searched(resource: Searchable) -> tuple[Parameter, ...]:
    """Paging, sorting and filters of a search."""
    flat = tuple(Parameter(name, text) for name, text in _FLAT.items() if name in _names(resource))
    return (PAGE, SIZE, _sort(resource), filters(resource), *flat)


def selected(resource: Resource) -> tuple[Parameter, ...]:
    """Filters of a by-query operation. It needs at least one, and refuses unknown names."""
    flat = tuple(Parameter(name, text) for name, text in _FLAT.items() if name in _names(resource))
    return (filters(resource), *flat)


def filters(resource: Searchable) -> Parameter:
    fields = "\n".join(
        f"- `{name}`: {', '.join(operators)}" for name, operators in sorted(_operators(resource).items())
    )
    text = (
        "`filters[field][OPERATOR]=value`. If there are several, all must hold. Filters of labels also have a key: "
        "`filters[labels][EQUALS][team]=data`. Groups: `filters[or][0][state][EQUALS]=FAILED`.\n\n" + fields
    )
    return Parameter("filters", text, dict[str, Any], style="deepObject")


def _operators(resource: Searchable) -> dict[str, tuple[str, ...]]:
    if isinstance(resource, Listing):
        return {name: column.ops for name, column in resource.fields.items()}
    return {name: field.ops for name, field in resource.fields.items()}


def _sort(resource: Searchable) -> Parameter:
    names = ", ".join(f"`{name}`" for name in sorted(resource.sorts))
    return Parameter("sort", f"`column:asc` or `column:desc`; may be repeated. Columns: {names}", list[str])


def _names(resource: Searchable) -> set[str]:
    dates = {"startDate", "endDate", "timeRange"} if resource.dates else set()
    return set(resource.fields) | dates
