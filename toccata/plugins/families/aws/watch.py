"""``aws.cloudwatch.*`` and ``aws.glue.*``: metrics and jobs of Amazon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Duration, Properties, TypeGroup, dynamic
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_RUN = "toccata.plugins.families.aws.run"


class MetricValue(Properties):
    metric_name: str = dynamic(doc="its name")
    value: float = dynamic(doc="its value")
    unit: str | None = dynamic(None, doc="its unit, such as `Count` or `Milliseconds`")
    dimensions: dict[str, str] = dynamic({}, doc="what it is about")


class DimensionKV(Properties):
    name: str = dynamic(doc="its name")
    value: str = dynamic(doc="its value")


class Push(Connection):
    """Sends values of metrics."""

    namespace: str = dynamic(doc="namespace of the metrics")
    metrics: list[MetricValue] = dynamic(doc="the values", min_length=1)


class Query(Connection):
    """Reads a statistic of a metric, up to now."""

    namespace: str | None = dynamic(None, doc="namespace of the metric")
    metric_name: str = dynamic(doc="the metric")
    dimensions: list[DimensionKV] = dynamic([], doc="what the metric must be about")
    statistic: Literal["Average", "Sum", "Maximum", "Minimum", "SampleCount"] = dynamic(
        "Average", doc="the statistic"
    )
    period_seconds: int = dynamic(60, doc="length of the parts of time that have a value each", ge=1)
    window: Duration = dynamic("PT5M", doc="how far back", validate_default=True)


class OfJob(Connection):
    job_name: str = dynamic(doc="the job")


class StartJobRun(OfJob):
    """Starts a job, and waits for its end. A job that failed fails the task, and a kill stops the job."""

    arguments: dict[str, str] = dynamic({}, doc="arguments of the job, by names that begin with `--`")
    wait: bool = dynamic(default=True, doc="wait for its end")
    max_duration: Duration | None = dynamic(None, doc="how long to wait at most")
    interval: Duration = dynamic(
        timedelta(seconds=1), doc="pause between two questions", validate_default=True
    )


class GetJobRun(OfJob):
    """Says how a run of a job is."""

    run_id: str = dynamic(doc="id of the run")


class StopJobRun(OfJob):
    """Stops a run of a job."""

    job_run_id: str = dynamic(doc="id of the run")
    wait: bool = dynamic(default=True, doc="wait until it has stopped")
    interval: Duration = dynamic("PT1S", doc="pause between two questions", validate_default=True)


class PushOutputs(BaseModel):
    count: int


class QueryOutputs(BaseModel):
    count: int
    series: list[dict[str, Any]]


class JobOutputs(BaseModel):
    jobName: str  # noqa: N815 - the name in flows
    jobRunId: str  # noqa: N815
    state: str | None = None
    startedOn: str | None = None  # noqa: N815
    completedOn: str | None = None  # noqa: N815
    lastModifiedOn: str | None = None  # noqa: N815
    executionTime: int | None = None  # noqa: N815
    timeout: int | None = None
    attempt: int | None = None
    errorMessage: str | None = None  # noqa: N815


def _group(service: str) -> TypeGroup:
    return TypeGroup(
        prefix=f"io.kestra.plugin.aws.{service}",
        run=f"{_RUN}.{service}",
        extra="toccata[aws]",
        kind="heavy",
        head=SIGN_IN,
    )


_METRICS, _JOBS = _group("cloudwatch"), _group("glue")
PUSH = _METRICS.type(
    "Push",
    "Send metrics to Amazon CloudWatch",
    Push,
    PushOutputs,
    "namespace: shop\nmetrics:\n  - {metricName: orders, value: 12, unit: Count, dimensions: {place: Berlin}}",
)
QUERY = _METRICS.type(
    "Query",
    "Read a metric of Amazon CloudWatch",
    Query,
    QueryOutputs,
    "namespace: shop\nmetricName: orders\nstatistic: Sum\ndimensions: [{name: place, value: Berlin}]",
)
START_JOB_RUN = _JOBS.type(
    "StartJobRun", "Start a job of AWS Glue", StartJobRun, JobOutputs, "jobName: nightly\nwait: false"
)
GET_JOB_RUN = _JOBS.type(
    "GetJobRun",
    "See how a job of AWS Glue is",
    GetJobRun,
    JobOutputs,
    'jobName: nightly\nrunId: "{{ outputs.start.jobRunId }}"',
)
STOP_JOB_RUN = _JOBS.type(
    "StopJobRun",
    "Stop a job of AWS Glue",
    StopJobRun,
    JobOutputs,
    'jobName: nightly\njobRunId: "{{ outputs.start.jobRunId }}"',
)
