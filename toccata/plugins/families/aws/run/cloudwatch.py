"""``aws.cloudwatch.*``"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from toccata.plugin import Outputs, RunContext
from toccata.plugins.families.aws import watch as declared
from toccata.plugins.families.aws.run.client import connected

_MOST = 1000
"""Values in a request, as the service says."""


async def run_push(task: declared.Push, run: RunContext) -> Outputs:
    data = [_datum(each) for each in task.metrics]
    async with connected(task, "cloudwatch") as aws:
        for at in range(0, len(data), _MOST):
            some = data[at : at + _MOST]
            await aws.call(
                task.namespace,
                lambda client, some=some: client.put_metric_data(Namespace=task.namespace, MetricData=some),
            )
    run.metric("counter", "count", len(data))
    return {"count": len(data)}


def _datum(value: declared.MetricValue) -> dict[str, Any]:
    return {
        "MetricName": value.metric_name,
        "Value": value.value,
        "Dimensions": [{"Name": name, "Value": text} for name, text in value.dimensions.items()],
        **({"Unit": value.unit} if value.unit else {}),
    }


async def run_query(task: declared.Query, run: RunContext) -> Outputs:
    # The service reads whole seconds, so the present one must be among them.
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    asked: dict[str, Any] = {
        "MetricName": task.metric_name,
        "Period": task.period_seconds,
        "StartTime": end - task.window,
        "EndTime": end,
        "Statistics": [task.statistic],
        "Dimensions": [{"Name": each.name, "Value": each.value} for each in task.dimensions],
    }
    if task.namespace is not None:
        asked["Namespace"] = task.namespace
    async with connected(task, "cloudwatch") as aws:
        answer = await aws.call(task.metric_name, lambda client: client.get_metric_statistics(**asked))
    found = sorted(answer["Datapoints"], key=lambda each: each["Timestamp"])
    series = [
        {**each, "Timestamp": each["Timestamp"].astimezone(UTC).isoformat().replace("+00:00", "Z")}
        for each in found
    ]
    run.log("INFO", f"{len(series)} values of {task.namespace or ''}:{task.metric_name}")
    return {"count": len(series), "series": series}
