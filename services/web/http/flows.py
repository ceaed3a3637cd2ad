"""Routes that read flows."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from services.web.core.parameter import flag, whole_number
from services.web.core.problem import bad_request, not_found
from services.web.core.search.filter import parse_query
from services.web.core.view.flow import find_task, flow_page, fragments, matches
from services.web.core.view.outdated import outdated
from services.web.core.view.page import paged
from services.web.http.answer import answer
from services.web.http.parts import parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])


@router.get("/search")
async def search(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_flows(parse_query(query_items(request), now_ms()))
    return answer(paged([flow_page(row) for row in rows], total))


@router.get("/source")
async def search_source(request: Request) -> Response:
    query = parse_query([item for item in query_items(request) if item[0] in {"page", "size"}], now_ms())
    text = request.query_params.get("q", "")
    if not text:
        raise bad_request("`q` is required")
    namespace = request.query_params.get("namespace")
    rows, total = await parts_of(request).rows.search_flow_sources(text, namespace, query.page, query.size)
    results = [
        {
            "model": flow_page(row),
            "fragments": fragments(row.source, text),
            "namespace": row.namespace,
            "id": row.id,
            "editable": True,
            "matches": matches(row.source, text),
        }
        for row in rows
    ]
    return answer(paged(results, total))


@router.get("/deprecated")
async def with_outdated_types(request: Request) -> Response:
    parts = parts_of(request)
    namespace = request.query_params.get("namespace") or None
    states = [state for state in parts.table.latest() if namespace in {None, state.namespace}]
    found = await asyncio.to_thread(lambda: [outdated(state, parts.catalog) for state in states])
    return answer([each for each in found if each is not None])


@router.get("/distinct-namespaces")
async def distinct_namespaces(request: Request) -> Response:
    return answer(await parts_of(request).rows.distinct_namespaces(request.query_params.get("q", "")))


@router.get("/{namespace}")
async def of_namespace(namespace: str, request: Request) -> Response:
    items = [("filters[namespace][EQUALS]", namespace), ("size", "10000"), ("sort", "id:asc")]
    rows, _ = await parts_of(request).rows.search_flows(parse_query(items, now_ms()))
    return answer([flow_page(row) for row in rows])


@router.get("/{namespace}/{flow_id}")
async def get(namespace: str, flow_id: str, request: Request) -> Response:
    params = request.query_params
    source = flag(params.get("source"), name="source")
    deleted = flag(params.get("allowDeleted"), name="allowDeleted")
    row = await parts_of(request).rows.get_flow(
        namespace, flow_id, whole_number(params.get("revision"), name="revision"), allow_deleted=deleted
    )
    if row is None:
        raise not_found()
    return answer(flow_page(row, source=source))


@router.get("/{namespace}/{flow_id}/revisions")
async def revisions(namespace: str, flow_id: str, request: Request) -> Response:
    rows = await parts_of(request).rows.flow_revisions(namespace, flow_id)
    allowed = flag(request.query_params.get("allowDelete"), name="allowDelete")
    if not rows or (rows[-1].deleted and not allowed):
        raise not_found()
    return answer([flow_page(row, source=True) for row in rows if allowed or not row.deleted])


@router.get("/{namespace}/{flow_id}/tasks/{task_id}")
async def task(namespace: str, flow_id: str, task_id: str, request: Request) -> Response:
    row = await parts_of(request).rows.get_flow(
        namespace, flow_id, whole_number(request.query_params.get("revision"), name="revision")
    )
    found = find_task(flow_page(row), task_id) if row is not None else None
    if found is None:
        raise not_found()
    return answer(found)
