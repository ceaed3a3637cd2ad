"""Routes of concurrency limits: the flows that have one, and the number of executions that hold a slot."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.scalars import JsonObject
from services.web.core.problem import not_found
from services.web.core.search.filter import parse_query
from services.web.core.view.page import paged
from services.web.http.answer import answer
from services.web.http.parts import Parts, parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/concurrency-limit", tags=["Concurrency limits"])


@router.get("/search")
async def search(request: Request) -> Response:
    parts = parts_of(request)
    items = [item for item in query_items(request) if item[0] in {"page", "size"}]
    query = parse_query(items, now_ms())
    limited = sorted(
        (state.namespace, state.flow_id)
        for state in parts.table.latest()
        if _is_limited(parts, state.namespace, state.flow_id)
    )
    first = (query.page - 1) * query.size
    running = await parts.rows.slot_holders()
    page = [_line(key, running.get(key, 0)) for key in limited[first : first + query.size]]
    return answer(paged(page, len(limited)))


@router.get("/{namespace}/{flow_id}")
async def of_flow(namespace: str, flow_id: str, request: Request) -> Response:
    parts = parts_of(request)
    if not _is_limited(parts, namespace, flow_id):
        raise not_found("The flow has no concurrency limit")
    running = await parts.rows.slot_holders()
    return answer(_line((namespace, flow_id), running.get((namespace, flow_id), 0)))


def _is_limited(parts: Parts, namespace: str, flow_id: str) -> bool:
    plan = parts.table.plan(namespace, flow_id)
    return plan is not None and plan.flow.concurrency is not None


def _line(key: tuple[str, str], running: int) -> JsonObject:
    return {"tenantId": "main", "namespace": key[0], "flowId": key[1], "running": running}
