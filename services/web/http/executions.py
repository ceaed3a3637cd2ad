"""Routes of executions, without webhooks and actions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from services.web.core.live import Live, of_row
from services.web.core.parameter import whole_number
from services.web.core.problem import bad_request, not_found
from services.web.core.rows import ExecutionRow
from services.web.core.search.filter import parse_query
from services.web.core.search.query import Group, Leaf, Op, field_name
from services.web.core.search.resource import DISTINCT
from services.web.core.view.execution import (
    Lens,
    execution_line,
    latest_line,
)
from services.web.core.view.flow import flow_for_execution
from services.web.core.view.page import Json, paged
from services.web.core.view.table import executions_csv
from services.web.http.answer import answer, csv_answer
from services.web.http.body import json_list
from services.web.http.parts import Parts, page_of, parts_of, query_items
from services.web.http.selection import check_size, selection
from services.web.http.stream import PING, frame, stream
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])
_LATEST, _MOST_LATEST = 100, 30
_USUAL_VALUES, _MOST_VALUES = 100, 1_000


@router.get("/search")
async def search(request: Request) -> Response:
    parts = parts_of(request)
    rows, total = await parts.rows.search_executions(parse_query(query_items(request), now_ms()))
    return _listed(rows, total, parts.lens(request.scope))


@router.get("")
async def of_flow(request: Request) -> Response:
    namespace, flow_id = (request.query_params.get(name) for name in ("namespace", "flowId"))
    if not namespace or not flow_id:
        raise bad_request("`namespace` and `flowId` are required")
    parts = parts_of(request)
    items = [item for item in query_items(request) if item[0] in {"page", "size", "sort"}]
    exactly = Group(
        "and",
        (Leaf("namespace", Op.EQUALS, (namespace,)), Leaf("flowId", Op.EQUALS, (flow_id,))),
    )
    rows, total = await parts.rows.search_executions(parse_query(items, now_ms(), extra=exactly))
    return _listed(rows, total, parts.lens(request.scope))


@router.get("/export/by-query/csv")
async def export_csv(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_executions(selection(request, may_be_all=True))
    check_size(total)
    return csv_answer(executions_csv(rows), "executions")


@router.get("/namespaces/{namespace}/flows/{flow_id}/average-duration")
async def average_duration(namespace: str, flow_id: str, request: Request) -> Response:
    average, count = await parts_of(request).rows.average_duration(namespace, flow_id, _LATEST)
    return answer({"count": count} if average is None else {"avgDurationMs": round(average), "count": count})


@router.get("/distinct-field-values")
async def distinct_field_values(request: Request) -> Response:
    params = request.query_params
    field = field_name(params.get("field", ""))
    if field not in DISTINCT:
        raise bad_request(f"`field` must be one of {', '.join(DISTINCT)}")
    size = whole_number(params.get("size"), name="size") or _USUAL_VALUES
    query = replace(
        selection(request, besides=("field", "size"), may_be_all=True), size=min(size, _MOST_VALUES)
    )
    return answer(await parts_of(request).rows.distinct_execution_values(field, query))


@router.post("/latest")
async def latest(request: Request) -> Response:
    """``size`` is for lists of flows that show how their last executions went."""
    parts = parts_of(request)
    size = whole_number(request.query_params.get("size"), name="size") or 1
    if size > _MOST_LATEST:
        raise bad_request(f"`size` must be at most {_MOST_LATEST}")
    wanted = await json_list(request, _is_flow, "objects with namespace and id")
    found: list[Json] = []
    for item in wanted:
        exactly = Group(
            "and",
            (
                Leaf("namespace", Op.EQUALS, (item["namespace"],)),
                Leaf("flowId", Op.EQUALS, (item["id"],)),
            ),
        )
        asked = [("size", str(size)), ("sort", "state.startDate:desc")]
        rows, _ = await parts.rows.search_executions(parse_query(asked, now_ms(), extra=exactly))
        found += map(latest_line, rows)
    return answer(found)


@router.get("/{execution}")
async def get(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    live = await parts.executions.get(execution)
    return answer(page_of(parts, live, parts.lens(request.scope)))


@router.get("/{execution}/flow")
async def flow_of(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    live = await parts.executions.get(execution)
    state = parts.table.get(live.namespace, live.flow_id, live.revision)
    if state is not None:
        source = state.source
    else:
        row = await parts.rows.get_flow(live.namespace, live.flow_id, live.revision, allow_deleted=True)
        if row is None:
            raise not_found()
        source = row.source
    return answer(flow_for_execution(live.namespace, live.flow_id, live.revision, source))


@router.get("/{execution}/follow")
async def follow(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    snapshots = parts.executions.follow(execution)
    first = await anext(snapshots)  # a 404 must come before the first event
    assert first is not None

    async def frames() -> AsyncIterator[bytes]:
        async with aclosing(snapshots):
            yield frame("start", {"id": execution})
            yield _snapshot(parts, first, request)
            async for live in snapshots:
                yield PING if live is None else _snapshot(parts, live, request)

    return stream(frames())


def _snapshot(parts: Parts, live: Live, request: Request) -> bytes:
    page = page_of(parts, live, parts.lens(request.scope))
    return frame("end" if live.settled else "progress", page)


def _listed(rows: list[ExecutionRow], total: int, lens: Lens) -> Response:
    return answer(paged([execution_line(of_row(row), lens) for row in rows], total))


def _is_flow(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("namespace", "id"))
