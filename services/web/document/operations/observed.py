"""Logs, metrics of tasks and namespaces."""

from __future__ import annotations

from typing import Literal

from services.web.core.search.resource import LOGS, METRICS
from services.web.document.operation import (
    Answer,
    Content,
    Operation,
    Parameter,
    Tag,
    file_answer,
    json_answer,
    json_body,
)
from services.web.document.parameters import DESTINATION_ONLY, LEVEL_FILTERS, PAGE, SIZE, searched
from services.web.document.schema.base import BulkDone, Page
from services.web.document.schema.graph import Topology
from services.web.document.schema.observed import (
    LimitUse,
    LogEntry,
    LogPage,
    MetricEntry,
    MetricSeries,
    Namespace,
    NamespaceQuery,
)

_LOGS = "/api/v1/main/logs"
LOGS_TAG = Tag(
    "Logs",
    "Log lines of tasks and of the executor.",
    {
        ("GET", f"{_LOGS}/search"): Operation(
            "searchLogs", "Search log lines", json_answer(LogPage, "A page of lines"),
            parameters=(*searched(LOGS), Parameter("minLevel", "only lines of this level and above")), errors=(422,),
        ),
        ("GET", f"{_LOGS}/{{execution}}"): Operation(
            "listLogsFromExecution", "Log lines of an execution", json_answer(list[LogEntry], "In order; empty if there are none"),
            parameters=LEVEL_FILTERS, errors=(400,),
        ),
        ("GET", f"{_LOGS}/{{execution}}/download"): Operation(
            "downloadLogsFromExecution", "Log lines of an execution as text", file_answer("text/plain", "One line of text for each log line"),
            parameters=LEVEL_FILTERS, errors=(400,),
        ),
        ("DELETE", f"{_LOGS}/bulk"): Operation(
            "deleteLogsOfExecutions", "Delete all log lines of executions", json_answer(BulkDone, "How many executions"), "",
            json_body(list[str], "ids of executions"), errors=(400, 422),
        ),
        ("DELETE", f"{_LOGS}/{{execution}}"): Operation(
            "deleteLogsFromExecution", "Delete log lines of an execution", (Answer((), "Deleted", 204),),
            parameters=LEVEL_FILTERS, errors=(400, 404),
        ),
        ("DELETE", f"{_LOGS}/{{namespace}}/{{flow_id}}"): Operation(
            "deleteLogsFromFlow", "Delete log lines of a trigger", (Answer((), "Deleted", 204),),
            parameters=(Parameter("triggerId", "id of the trigger", required=True),), errors=(400,),
        ),
        ("GET", f"{_LOGS}/{{execution}}/follow"): Operation(
            "followLogsFromExecution", "Follow log lines as server-sent events",
            (Answer((Content("text/event-stream"),), "Events: `id:` is start or progress; `data:` is a log line"),),
            parameters=LEVEL_FILTERS[:1], errors=(400, 404),
        ),
    },
)  # fmt: skip

_SERIES = "Spans of time with reported values"
_SPAN = (
    Parameter("startDate", "from this instant, ISO 8601; default: 30 days before the end"),
    Parameter("endDate", "until this instant, ISO 8601; default: now"),
    Parameter("aggregation", "how values are combined; default: `sum`", Literal["sum", "avg", "min", "max"]),
)
METRICS_TAG = Tag(
    "Metrics",
    "Metrics that tasks report. The services' own metrics are on their `/prometheus` pages.",
    {
        ("GET", "/api/v1/main/metrics/names/{namespace}/{flow_id}"): Operation(
            "listFlowMetrics", "Names of the metrics of a flow", json_answer(list[str], "Names from the last 30 days"),
        ),
        ("GET", "/api/v1/main/metrics/names/{namespace}/{flow_id}/{task_id}"): Operation(
            "listTaskMetrics", "Names of the metrics of a task", json_answer(list[str], "Names from the last 30 days"),
        ),
        ("GET", "/api/v1/main/metrics/tasks/{namespace}/{flow_id}"): Operation(
            "listTasksWithMetrics", "Tasks of a flow that reported metrics", json_answer(list[str], "Ids of tasks, from the last 30 days"),
        ),
        ("GET", "/api/v1/main/metrics/aggregates/{namespace}/{flow_id}/{metric}"): Operation(
            "aggregateFlowMetric", "A metric of a flow over time", json_answer(MetricSeries, _SERIES), parameters=_SPAN, errors=(400,),
        ),
        ("GET", "/api/v1/main/metrics/aggregates/{namespace}/{flow_id}/{task_id}/{metric}"): Operation(
            "aggregateTaskMetric", "A metric of a task over time", json_answer(MetricSeries, _SERIES), parameters=_SPAN, errors=(400,),
        ),
        ("GET", "/api/v1/main/metrics/{execution}"): Operation(
            "searchByExecution", "Metrics of an execution", json_answer(Page[MetricEntry], "A page of metrics"),
            parameters=(PAGE, SIZE, *searched(METRICS)[2:3], *LEVEL_FILTERS[1:3]), errors=(422,),
        ),
    },
)  # fmt: skip

_NAMESPACES = "/api/v1/main/namespaces"
NAMESPACES_TAG = Tag(
    "Namespaces",
    "Namespaces exist through the flows in them.",
    {
        ("GET", f"{_NAMESPACES}/search"): Operation(
            "searchNamespaces", "Search namespaces", json_answer(Page[Namespace], "A page of namespaces"),
            parameters=(PAGE, SIZE, Parameter("sort", "`id:asc` or `id:desc`"), Parameter("q", "part of the name")), errors=(422,),
        ),
        ("POST", f"{_NAMESPACES}/autocomplete"): Operation(
            "autocompleteNamespaces", "Names of namespaces", json_answer(list[str], "Names that contain the text"), "",
            json_body(NamespaceQuery, "the text"), errors=(422,),
        ),
        ("GET", f"{_NAMESPACES}/{{namespace}}/dependencies"): Operation(
            "flowDependenciesFromNamespace", "Which flow starts which, for the flows of a namespace", json_answer(Topology, "All flows of the namespace, with their edges"),
            parameters=(DESTINATION_ONLY,), errors=(400,),
        ),
        ("GET", f"{_NAMESPACES}/{{namespace}}"): Operation(
            "namespace", "One namespace", json_answer(Namespace, "The namespace; every valid name is one"),
        ),
    },
)  # fmt: skip

_LIMITS = "/api/v1/main/concurrency-limit"
LIMITS_TAG = Tag(
    "Concurrency limits",
    "Limits on the number of executions of a flow that run at once.",
    {
        ("GET", f"{_LIMITS}/search"): Operation(
            "searchConcurrencyLimits", "Flows with a limit, and the number of their executions that hold a slot",
            json_answer(Page[LimitUse], "A page of flows"), parameters=(PAGE, SIZE), errors=(422,),
        ),
        ("GET", f"{_LIMITS}/{{namespace}}/{{flow_id}}"): Operation(
            "concurrencyLimit", "The number of executions of a flow that hold a slot", json_answer(LimitUse, "The flow and the number"), errors=(404,),
        ),
    },
)  # fmt: skip
