"""Runs the tasks about what happened before: purges, counts, and log lines as a file."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from toccata.plugin import Flows, Outputs, RunContext, TaskFailed
from toccata.plugins.families.core import past as declared


async def purge_executions(task: declared.PurgeExecutions, run: RunContext) -> Outputs:
    kinds = {
        "executions": task.purge_execution,
        "logs": task.purge_log,
        "metrics": task.purge_metric,
        "files": task.purge_storage,
    }
    chosen = [kind for kind, wanted in kinds.items() if wanted]
    counts = await run.past.purge_executions(_flows(task), task.states or [], chosen)
    return {
        "executionsCount": counts["executions"],
        "logsCount": counts["logs"],
        "metricsCount": counts["metrics"],
        "storagesCount": counts["files"],
    }


async def purge_logs(task: declared.PurgeLogs, run: RunContext) -> Outputs:
    return {"count": await run.past.purge_logs(_flows(task), task.log_levels or [])}


async def count(task: declared.Count, run: RunContext) -> Outputs:
    if task.flows is None and task.namespaces is None:
        raise TaskFailed("You must provide a list of flows or namespaces.")
    flows, namespaces = await run.past.count(
        [(each.namespace, each.flow_id) for each in task.flows or []],
        task.namespaces or [],
        task.states or [],
        (_millis(task.start_date), _millis(task.end_date)),
    )
    found: list[dict[str, Any]] = [
        {"namespace": namespace, "flowId": flow_id, "count": number} for namespace, flow_id, number in flows
    ]
    found += [{"namespace": namespace, "count": number} for namespace, number in namespaces]
    kept = [each for each in found if run.render(task.expression, {"count": each["count"]}) == "true"]
    return {"results": kept, "total": sum(each["count"] for each in kept)}


async def fetch(task: declared.Fetch, run: RunContext) -> Outputs:
    if (task.namespace is None) != (task.flow_id is None):
        raise TaskFailed("`namespace` and `flowId` belong together: give both, or neither")
    if task.execution_id is None and task.namespace is not None:
        raise TaskFailed("`namespace` and `flowId` are those of `executionId`, which is not given")
    own = run.file_prefix.rstrip("/").split("/")[-4]  # …/executions/<execution>/tasks/<task>/<task run>/
    execution_id = task.execution_id or own
    uri = f"{run.file_prefix}{secrets.token_hex(8)}.ion"
    flow = (task.namespace, task.flow_id) if task.namespace is not None and task.flow_id is not None else None
    size = await run.past.logs(uri, execution_id, task.level, task.tasks_id or [], flow)
    return {"uri": uri, "size": size}


def _flows(task: declared.PurgeExecutions | declared.PurgeLogs) -> Flows:
    if task.flow_id is not None and task.namespace is None:
        raise TaskFailed("`flowId` needs the `namespace` of the flow")
    return Flows(task.namespace, task.flow_id, _millis(task.start_date), _millis(task.end_date))


def _millis(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp() * 1000)
