"""The resources that can be searched, with their fields, operators and orders, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.web.core.search.condition import (
    ALL_STRING_OPS,
    CHOICE_OPS,
    COMPARE_OPS,
    FLAG_OPS,
    LABEL_OPS,
    NAME_OPS,
    Condition,
    choice,
    date,
    labels,
    least_level,
    number,
    search_text,
    since,
    state,
    text,
    words,
)
from services.web.core.search.query import DateFilter, Op


@dataclass(frozen=True, slots=True)
class Field:
    ops: tuple[Op, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    table: str
    fields: Mapping[str, Field]
    sorts: Mapping[str, str]
    """SQL expressions by the callers' names of columns."""
    order: str
    """The default order."""
    tie: str
    """The last key of every order. With it, pages neither overlap nor leave rows out."""
    always: str = ""
    dates: Mapping[DateFilter, tuple[str, ...]] | None = None
    """Columns to which startDate, endDate and timeRange apply, by the parameter ``dateFilter``. The first is the default."""


def _name(column: str) -> Field:
    return Field(NAME_OPS, text(column))


def _string(column: str) -> Field:
    return Field(ALL_STRING_OPS, text(column))


def _date(column: str) -> Field:
    return Field(COMPARE_OPS, date(column))


def interval_field(field: str, columns: tuple[str, ...]) -> Field:
    """``startDate``, ``endDate`` or ``timeRange`` over these columns."""
    if field == "timeRange":
        return Field((Op.EQUALS,), since(*columns))
    return Field(COMPARE_OPS, date(*columns))


INTERVAL_FIELDS = ("startDate", "endDate", "timeRange")
_SCOPE = Field(FLAG_OPS, words({"USER": "namespace <> 'system'", "SYSTEM": "namespace = 'system'"}))
_LABELS = Field(LABEL_OPS, labels)
_NUMBER_OPS = (*COMPARE_OPS, Op.IN)

EXECUTIONS = Resource(
    name="execution",
    table="executions",
    fields={
        "q": Field(FLAG_OPS, search_text("id", "namespace", "flow_id")),
        "scope": _SCOPE,
        "namespace": _string("namespace"),
        "flowId": _string("flow_id"),
        "state": Field(CHOICE_OPS, state("state")),
        "labels": _LABELS,
        "triggerExecutionId": _name("trigger_execution_id"),
        "childFilter": Field(
            FLAG_OPS,
            words({"CHILD": "trigger_execution_id IS NOT NULL", "MAIN": "trigger_execution_id IS NULL"}),
        ),
        "kind": Field(CHOICE_OPS, choice("kind")),
        "id": _name("id"),
        "executionId": _name("id"),
        "parentId": _name("parent_id"),
        "flowRevision": Field(_NUMBER_OPS, number("revision")),
        "triggerId": _name("trigger_id"),
        "taskId": Field(
            CHOICE_OPS,
            lambda params, leaf, query: (
                "EXISTS (SELECT FROM task_runs AS run WHERE run.execution_id = executions.id "
                "AND run.execution_created_at = executions.created_at "
                f"AND {text('run.task_id')(params, leaf, query)})"
            ),
        ),
    },
    sorts={
        "state.startDate": "created_at",
        "startDate": "created_at",
        "state.endDate": "ended_at",
        "endDate": "ended_at",
        "state.duration": "coalesce(ended_at, now()) - created_at",
        "duration": "coalesce(ended_at, now()) - created_at",
        "state.current": "state",
        "state": "state",
        "id": "id",
        "namespace": "namespace",
        "flowId": "flow_id",
        "flowRevision": "revision",
        "trigger.id": "trigger_id",
        "parentId": "parent_id",
    },
    order="created_at DESC",
    tie="id",
    always="kind <> 'LOOP'",  # the iterations of a loop are read by their ids alone
    dates={
        "START_DATE": ("created_at",),
        "END_DATE": ("ended_at",),
        "START_OR_END_DATE": ("created_at", "ended_at"),
    },
)

DISTINCT = {
    "flowId": "flow_id",
    "flowRevision": "revision",
    "kind": "kind",
    "namespace": "namespace",
    "state": "state",
    "triggerId": "trigger_id",
}
"""Columns of the execution fields whose values can be listed."""

FLOWS = Resource(
    name="flow",
    table="flows",
    fields={
        "q": Field(FLAG_OPS, search_text("id", "namespace", "description")),
        "scope": _SCOPE,
        "namespace": _string("namespace"),
        "flowId": _string("id"),
        "id": _string("id"),
        "labels": _LABELS,
        "created": _date("created_at"),
        "updated": _date("updated_at"),
        "enabled": Field(FLAG_OPS, words({"TRUE": "NOT disabled", "FALSE": "disabled"})),
        "status": Field(
            CHOICE_OPS, words({"ENABLED": "NOT disabled", "DISABLED": "disabled", "DRAFT": "false"})
        ),
    },
    sorts={
        "id": "id",
        "flowId": "id",
        "namespace": "namespace",
        "revision": "revision",
        "disabled": "disabled",
        "created": "created_at",
        "updated": "updated_at",
    },
    order="id",
    tie="namespace, id",
    always="NOT deleted",
)

LOGS = Resource(
    name="log",
    table="logs",
    fields={
        "q": Field(FLAG_OPS, search_text("message", "task_id", "flow_id", "execution_id")),
        "scope": _SCOPE,
        "namespace": _string("namespace"),
        "flowId": _string("flow_id"),
        "triggerId": _name("trigger_id"),
        "level": Field(FLAG_OPS, least_level),
        "executionId": _name("execution_id"),
        "taskId": _name("task_id"),
        "taskRunId": _name("task_run_id"),
        # The API counts attempts from 0.
        "attemptNumber": Field(_NUMBER_OPS, number("(attempt - 1)")),
    },
    sorts={
        "timestamp": "at",
        "level": "level",
        "namespace": "namespace",
        "flowId": "flow_id",
        "taskId": "task_id",
        "executionId": "execution_id",
        "triggerId": "trigger_id",
    },
    order="at DESC",
    tie="execution_id, task_run_id, attempt, number",
    dates={"START_DATE": ("at",)},
)

TRIGGERS = Resource(
    name="trigger",
    table="triggers",
    fields={
        "q": Field(FLAG_OPS, search_text("trigger_id", "flow_id", "namespace")),
        "scope": _SCOPE,
        "namespace": _string("namespace"),
        "flowId": _string("flow_id"),
        "triggerId": _name("trigger_id"),
        "executionId": _name("execution_id"),
        "triggerExecutionId": _name("execution_id"),
        "workerId": _name("worker_id"),
        "triggerState": Field(FLAG_OPS, words({"ENABLED": "NOT disabled", "DISABLED": "disabled"})),
        "locked": Field(
            FLAG_OPS, words({"TRUE": "execution_id IS NOT NULL", "FALSE": "execution_id IS NULL"})
        ),
        "type": Field(CHOICE_OPS, text("type")),
        "lastTriggeredDate": _date("last_at"),
        "nextExecutionDate": _date("next_at"),
        "updated": _date("updated_at"),
    },
    sorts={
        "flowId": "flow_id",
        "namespace": "namespace",
        "triggerId": "trigger_id",
        "nextExecutionDate": "next_at",
        "nextEvaluationDate": "next_at",
        "date": "last_at",
        "lastTriggeredDate": "last_at",
        "updatedDate": "updated_at",
        "updatedAt": "updated_at",
        "executionId": "execution_id",
        "disabled": "disabled",
    },
    order="flow_id",
    tie="flow_id, namespace, trigger_id",
    dates={"NEXT_EXECUTION_DATE": ("next_at",), "LAST_TRIGGERED_DATE": ("last_at",)},
)

METRICS = Resource(
    name="metric",
    table="metrics",
    fields={"name": _name("name"), "taskId": _name("task_id"), "taskRunId": _name("task_run_id")},
    sorts={
        "timestamp": "at",
        "name": "name",
        "taskId": "task_id",
        "value": "value",
        "type": "kind",
    },
    order="at",
    tie="task_run_id, attempt, number",
)
