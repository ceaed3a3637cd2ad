"""Routes that delete executions and log lines."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from contracts.telemetry import LEVELS, LogsDeleted
from services.web.core.parameter import flag, whole_number
from services.web.core.problem import bad_request
from services.web.http.bulk import bulk, ids_of, selected
from services.web.http.logs import level_of
from services.web.http.parts import parts_of
from services.web.shell.deletion import Extent

router = APIRouter(prefix="/api/v1/main", tags=["Executions"])
_EXTENT = ("deleteLogs", "deleteMetrics", "deleteStorage")
_OPEN = "includeNonTerminated"


@router.delete("/executions/by-ids")
async def delete_by_ids(request: Request) -> Response:
    return await _delete(request, await ids_of(request))


@router.delete("/executions/by-query")
async def delete_by_query(request: Request) -> Response:
    return await _delete(request, await selected(request, frozenset({*_EXTENT, _OPEN})))


@router.delete("/executions/{execution}")
async def delete_one(execution: str, request: Request) -> Response:
    await parts_of(request).deletions.one(execution, _extent(request))
    return Response(status_code=204)


@router.delete("/logs/bulk")
async def delete_logs_of_all(request: Request) -> Response:
    ids = list(dict.fromkeys(await ids_of(request)))
    parts = parts_of(request)
    for each in ids:
        await parts.executions.settle(each)

    async def gone() -> bool:
        return not await parts.rows.logs(ids[-1])

    await parts.deletions.logs([LogsDeleted(execution_id=each) for each in ids], gone)
    return bulk(len(ids))


@router.delete("/logs/{execution}")
async def delete_logs(execution: str, request: Request) -> Response:
    parts, params = parts_of(request), request.query_params
    await parts.executions.known(execution)
    await parts.executions.settle(execution)
    level, attempt = level_of(request), whole_number(params.get("attempt"), name="attempt")
    run, task = params.get("taskRunId") or None, params.get("taskId") or None
    number = attempt + 1 if attempt is not None else None  # the API counts from 0
    deletion = LogsDeleted(
        execution_id=execution,
        task_run_id=run,
        task_id=task,
        attempt=number,
        levels=list(LEVELS[LEVELS.index(level) :]) if level is not None else None,
    )

    async def gone() -> bool:
        return not await parts.rows.logs(execution, level, run, task, number)

    await parts.deletions.logs([deletion], gone)
    return Response(status_code=204)


@router.delete("/logs/{namespace}/{flow_id}")
async def delete_logs_of_trigger(namespace: str, flow_id: str, request: Request) -> Response:
    trigger_id = request.query_params.get("triggerId")
    if not trigger_id:
        raise bad_request("`triggerId` is required")
    parts = parts_of(request)
    found = await parts.rows.trigger_log_keys(namespace, flow_id, trigger_id)

    async def gone() -> bool:
        return not await parts.rows.trigger_log_keys(namespace, flow_id, trigger_id)

    deletions = [
        LogsDeleted(execution_id=each, namespace=namespace, flow_id=flow_id, trigger_id=trigger_id)
        for each in found
    ]
    await parts.deletions.logs(deletions, gone)
    return Response(status_code=204)


async def _delete(request: Request, ids: Sequence[str]) -> Response:
    kill = flag(request.query_params.get(_OPEN), name=_OPEN)
    return bulk(await parts_of(request).deletions.all(ids, _extent(request), kill=kill))


def _extent(request: Request) -> Extent:
    return Extent(*(flag(request.query_params.get(name), name=name, default=True) for name in _EXTENT))
