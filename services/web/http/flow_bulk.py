"""Routes for many flows at once, by their ids or by a query: export, delete, enable, disable."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from services.web.core.problem import bad_request, not_found
from services.web.core.rows import FlowRow
from services.web.core.view.table import flows_csv
from services.web.core.write.archive import pack
from services.web.core.write.flow import read_flow, with_disabled
from services.web.http.answer import answer, csv_answer
from services.web.http.body import json_list
from services.web.http.parts import Parts, parts_of
from services.web.http.selection import MOST, check_size, selection

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])
ZIP_HEADERS = {"Content-Disposition": "attachment; filename=flows.zip", "Cache-Control": "no-store"}


@router.post("/export/by-ids")
async def export_by_ids(request: Request) -> Response:
    parts = parts_of(request)
    rows = [await _latest(parts, namespace, flow_id) for namespace, flow_id in await _flow_ids(request)]
    content = pack((row.namespace, row.id, row.source) for row in rows)
    return Response(content, headers=ZIP_HEADERS, media_type="application/octet-stream")


@router.delete("/delete/by-ids")
async def delete_by_ids(request: Request) -> Response:
    replies = await parts_of(request).flows.delete(await _flow_ids(request))
    return answer(_count(sum(reply.accepted for reply in replies)))


@router.post("/enable/by-ids")
async def enable_by_ids(request: Request) -> Response:
    return await _switch(request, disabled=False)


@router.post("/disable/by-ids")
async def disable_by_ids(request: Request) -> Response:
    return await _switch(request, disabled=True)


@router.get("/export/by-query")
async def export_by_query(request: Request) -> Response:
    rows = await _selected(request, may_be_all=True)
    content = pack((row.namespace, row.id, row.source) for row in rows)
    return Response(content, headers=ZIP_HEADERS, media_type="application/octet-stream")


@router.get("/export/by-query/csv")
async def export_csv(request: Request) -> Response:
    return csv_answer(flows_csv(await _selected(request, may_be_all=True)), "flows")


@router.delete("/delete/by-query")
async def delete_by_query(request: Request) -> Response:
    flows = [(row.namespace, row.id) for row in await _selected(request)]
    replies = await parts_of(request).flows.delete(flows)
    return answer(_count(sum(reply.accepted for reply in replies)))


@router.post("/enable/by-query")
async def enable_by_query(request: Request) -> Response:
    return await _switched(request, await _selected(request), disabled=False)


@router.post("/disable/by-query")
async def disable_by_query(request: Request) -> Response:
    return await _switched(request, await _selected(request), disabled=True)


async def _selected(request: Request, *, may_be_all: bool = False) -> list[FlowRow]:
    rows, total = await parts_of(request).rows.search_flows(selection(request, may_be_all=may_be_all))
    check_size(total)
    return rows


async def _switch(request: Request, *, disabled: bool) -> Response:
    parts = parts_of(request)
    rows = [await _latest(parts, namespace, flow_id) for namespace, flow_id in await _flow_ids(request)]
    return await _switched(request, rows, disabled=disabled)


async def _switched(request: Request, rows: list[FlowRow], *, disabled: bool) -> Response:
    parts = parts_of(request)
    changed = []
    for row in rows:
        if row.disabled != disabled:
            source = with_disabled(row.source, disabled=disabled)
            read = partial(read_flow, catalog=parts.catalog)
            changed.append(await parts.reading.read(source, read))
    replies = await parts.flows.put(changed, "update")
    return answer(_count(sum(reply.accepted for reply in replies)))


async def _latest(parts: Parts, namespace: str, flow_id: str) -> FlowRow:
    row = await parts.rows.get_flow(namespace, flow_id)
    if row is None:
        raise not_found(f"Flow {namespace}.{flow_id} not found")
    return row


async def _flow_ids(request: Request) -> list[tuple[str, str]]:
    items = await json_list(request, _is_flow_id, "objects with namespace and id")
    if len(items) > MOST:
        raise bad_request(f"at most {MOST} flows at once")
    return [(item["namespace"], item["id"]) for item in items]


def _is_flow_id(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("namespace", "id"))


def _count(number: int) -> dict[str, int]:
    return {"count": number, "totalItems": number}
