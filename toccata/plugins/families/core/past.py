"""``core.execution.PurgeExecutions``, ``core.execution.Count``, ``core.log.PurgeLogs`` and ``core.log.Fetch``: what happened before."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from toccata.plugin import LEVELS, Level, Properties, TaskType, dynamic, static

_RUN = "toccata.plugins.families.core.run.past"
StateName = Literal[
    "CREATED", "SUBMITTED", "RUNNING", "PAUSED", "RESTARTED", "KILLING", "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED",
    "QUEUED", "RETRYING", "RETRIED", "SKIPPED", "BREAKPOINT", "RESUBMITTED",
]  # fmt: skip


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


States = list[Annotated[StateName, BeforeValidator(_upper)]]
Levels = list[Annotated[Level, BeforeValidator(_upper)]]
_NAMESPACE = "only of this namespace and those below it, or of the namespace of `flowId`; default: of all"


class PurgeExecutions(Properties):
    """Deletes executions that have ended, with their logs, metrics and files. One that still runs stays."""

    namespace: str | None = dynamic(None, doc=_NAMESPACE)
    flow_id: str | None = dynamic(None, doc="only of this flow, which needs `namespace`")
    start_date: AwareDatetime | None = dynamic(None, doc="only those that began at this instant or later")
    end_date: AwareDatetime = dynamic(doc="only those that began at this instant or earlier")
    states: States | None = dynamic(None, doc="only those that ended in these states; default: in any")
    purge_execution: bool = dynamic(default=True, doc="whether the executions go")
    purge_log: bool = dynamic(default=True, doc="whether their log lines go")
    purge_metric: bool = dynamic(default=True, doc="whether their metrics go")
    purge_storage: bool = dynamic(default=True, doc="whether their files in internal storage go")
    batch_size: int | None = dynamic(None, doc="has no effect: the size of batches is chosen by itself")


class PurgeExecutionsOutputs(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    executions_count: int = Field(alias="executionsCount")
    """How many executions were deleted."""
    logs_count: int = Field(alias="logsCount")
    """How many log lines."""
    metrics_count: int = Field(alias="metricsCount")
    """How many metrics."""
    storages_count: int = Field(alias="storagesCount")
    """How many files."""


PURGE_EXECUTIONS = TaskType(
    name="io.kestra.plugin.core.execution.PurgeExecutions",
    title="Delete old executions",
    properties=PurgeExecutions,
    run=f"{_RUN}:purge_executions",
    outputs=PurgeExecutionsOutputs,
    aliases=("io.kestra.core.tasks.storages.Purge", "io.kestra.plugin.core.storage.Purge"),
    examples=(
        (
            "id: purge\ntype: io.kestra.plugin.core.execution.PurgeExecutions\n"
            "endDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\"\nstates: [SUCCESS, FAILED]"
        ),
    ),
)


class PurgeLogs(Properties):
    """Deletes log lines, those of triggers among them. The executions stay."""

    namespace: str | None = dynamic(None, doc=_NAMESPACE)
    flow_id: str | None = dynamic(None, doc="only of this flow, which needs `namespace`")
    log_levels: Levels | None = dynamic(
        None, doc=f"only of these levels, of {', '.join(LEVELS)}; default: of all"
    )
    start_date: AwareDatetime | None = dynamic(None, doc="only lines of this instant or later")
    end_date: AwareDatetime = dynamic(doc="only lines of this instant or earlier")


class PurgeLogsOutputs(BaseModel):
    count: int
    """How many lines were deleted."""


PURGE_LOGS = TaskType(
    name="io.kestra.plugin.core.log.PurgeLogs",
    title="Delete old log lines",
    properties=PurgeLogs,
    run=f"{_RUN}:purge_logs",
    outputs=PurgeLogsOutputs,
    examples=(
        (
            "id: purge\ntype: io.kestra.plugin.core.log.PurgeLogs\n"
            "endDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\"\nlogLevels: [TRACE, DEBUG, INFO]"
        ),
    ),
)


class CountedFlow(BaseModel):
    """A flow whose executions are counted."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    namespace: str
    flow_id: str = Field(alias="flowId")


class Count(Properties):
    """Counts executions of flows or namespaces, and keeps the counts that an expression chooses."""

    flows: list[CountedFlow] | None = dynamic(None, doc="the flows, each with its `namespace` and `flowId`")
    namespaces: list[str] | None = dynamic(None, doc="the namespaces, without those below them")
    states: States | None = dynamic(None, doc="only executions in these states; default: in any")
    start_date: AwareDatetime = dynamic(doc="only those that began at this instant or later")
    end_date: AwareDatetime | None = dynamic(None, doc="only those that began at this instant or earlier")
    expression: str = static(
        doc="keeps a count if it gives `true`; `count` is the number, as in `{{ count == 0 }}`"
    )


class CountOutputs(BaseModel):
    results: list[dict[str, Any]]
    """The counts that were kept, each with its `namespace`, `flowId` and `count`."""
    total: int
    """Their sum."""


COUNT = TaskType(
    name="io.kestra.plugin.core.execution.Count",
    title="Count executions",
    properties=Count,
    run=f"{_RUN}:count",
    outputs=CountOutputs,
    aliases=("io.kestra.core.tasks.executions.Counts",),
    examples=(
        (
            "id: idle\ntype: io.kestra.plugin.core.execution.Count\nflows: [{namespace: company.team, flowId: nightly}]\n"
            'startDate: "{{ now() | dateAdd(-1, \'DAYS\') }}"\nexpression: "{{ count == 0 }}"'
        ),
    ),
)


class Fetch(Properties):
    """Writes the log lines of an execution to a file, one a line."""

    namespace: str | None = dynamic(None, doc="namespace of the flow of `executionId`; needs `flowId`")
    flow_id: str | None = dynamic(None, doc="flow of `executionId`; needs `namespace`")
    execution_id: str | None = dynamic(None, doc="the execution; default: this one")
    tasks_id: list[str] | None = dynamic(None, doc="only lines of these tasks; default: of all")
    level: Annotated[Level, BeforeValidator(_upper)] = dynamic(
        "INFO", doc="only lines of this level and above"
    )


class FetchOutputs(BaseModel):
    uri: str
    """The file, in internal storage."""
    size: int
    """How many lines it has."""


FETCH = TaskType(
    name="io.kestra.plugin.core.log.Fetch",
    title="Store the log lines of an execution",
    properties=Fetch,
    run=f"{_RUN}:fetch",
    outputs=FetchOutputs,
    aliases=("io.kestra.core.tasks.log.Fetch",),
    examples=("id: errors\ntype: io.kestra.plugin.core.log.Fetch\nlevel: ERROR",),
)
