"""Routes of logs and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from contracts.scalars import to_datetime
from contracts.telemetry import LEVELS, Level
from services.web.core.file import attachment
from services.web.core.parameter import whole_number
from services.web.core.problem import bad_request
from services.web.core.rows import LogRow
from services.web.core.search.filter import parse_query
from services.web.core.search.query import Filter, Group, Leaf
from services.web.core.search.span import aggregation_of, span_of
from services.web.core.view.page import paged
from services.web.core.view.telemetry import log_entry, log_text, metric_entry, metric_series
from services.web.http.answer import answer
from services.web.http.parts import parts_of, query_items
from services.web.http.stream import PING, frame, stream
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/logs", tags=["Logs"])
metrics_router = APIRouter(prefix="/api/v1/main/metrics", tags=["Metrics"])


@router.get("/search")
async def search(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_logs(parse_query(query_items(request), now_ms()))
    return answer({**paged([log_entry(row) for row in rows], total), "type": "OFFSET"})


@router.get("/{execution}")
async def of_execution(execution: str, request: Request) -> Response:
    return answer([log_entry(row) for row in await _stored(execution, request)])


@router.get("/{execution}/download")
async def download(execution: str, request: Request) -> Response:
    text = "\n".join(log_text(row) for row in await _stored(execution, request))
    headers = {
        "Content-Disposition": attachment(f"{execution[:64]}.log"),
        "Cache-Control": "no-store",
    }
    return Response(text, headers=headers, media_type="text/plain")


@router.get("/{execution}/follow")
async def follow(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    level = level_of(request)
    await parts.executions.known(execution)

    async def frames() -> AsyncIterator[bytes]:
        yield frame("start", {})
        async with aclosing(parts.logs.follow(execution, level)) as lines:
            first = True
            async for rows in lines:
                if not rows and not first:
                    yield PING
                first = False
                for row in rows:
                    yield frame("progress", log_entry(row))

    return stream(frames())


@metrics_router.get("/names/{namespace}/{flow_id}")
async def metric_names(namespace: str, flow_id: str, request: Request) -> Response:
    return answer(await parts_of(request).rows.metric_names(namespace, flow_id, None, _month_ago()))


@metrics_router.get("/names/{namespace}/{flow_id}/{task_id}")
async def metric_names_of_task(namespace: str, flow_id: str, task_id: str, request: Request) -> Response:
    return answer(await parts_of(request).rows.metric_names(namespace, flow_id, task_id, _month_ago()))


@metrics_router.get("/tasks/{namespace}/{flow_id}")
async def metric_tasks(namespace: str, flow_id: str, request: Request) -> Response:
    return answer(await parts_of(request).rows.metric_tasks(namespace, flow_id, _month_ago()))


@metrics_router.get("/aggregates/{namespace}/{flow_id}/{metric}")
async def series(namespace: str, flow_id: str, metric: str, request: Request) -> Response:
    return await _series((namespace, flow_id, None, metric), request)


@metrics_router.get("/aggregates/{namespace}/{flow_id}/{task_id}/{metric}")
async def series_of_task(
    namespace: str, flow_id: str, task_id: str, metric: str, request: Request
) -> Response:
    return await _series((namespace, flow_id, task_id, metric), request)


@metrics_router.get("/{execution}")
async def metrics(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    await parts.executions.settle(execution)
    params = request.query_params
    rows, total = await parts.rows.metrics(
        execution,
        parse_query(query_items(request), now_ms()),
        params.get("taskRunId") or None,
        params.get("taskId") or None,
    )
    return answer(paged([metric_entry(row) for row in rows], total))


async def _series(metric: tuple[str, str, str | None, str], request: Request) -> Response:
    params = request.query_params
    span = span_of(params.get("startDate"), params.get("endDate"), now_ms())
    aggregation = aggregation_of(params.get("aggregation"))
    points = await parts_of(request).rows.metric_series(metric, span, aggregation)
    return answer(metric_series(metric[3], span, points))


def _month_ago() -> datetime:
    return to_datetime(now_ms()) - timedelta(days=30)


async def _stored(execution: str, request: Request) -> list[LogRow]:
    parts = parts_of(request)
    await parts.executions.settle(execution)
    params = request.query_params
    attempt = whole_number(params.get("attempt"), name="attempt")
    return await parts.rows.logs(
        execution,
        level_of(request),
        params.get("taskRunId") or None,
        params.get("taskId") or None,
        attempt + 1 if attempt is not None else None,  # the API counts from 0
    )


def level_of(request: Request) -> Level | None:
    """The level in ``minLevel`` or in the filter ``level``."""
    text = request.query_params.get("minLevel") or request.query_params.get("level")
    if text is None:
        leaf = _leaf_of(parse_query(query_items(request), now_ms()).where, "level")
        text = leaf.values[0] if leaf is not None and leaf.values else None
    if not text:
        return None
    for known in LEVELS:
        if known == text.upper():
            return known
    raise bad_request(f"unknown level '{text[:20]}', expected one of {', '.join(LEVELS)}")


def _leaf_of(where: Filter | None, field: str) -> Leaf | None:
    if isinstance(where, Group) and where.logical == "and":
        return next((found for child in where.children if (found := _leaf_of(child, field))), None)
    return where if isinstance(where, Leaf) and where.field == field else None
