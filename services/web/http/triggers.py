"""Routes of triggers and of namespaces."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.trigger import ResetTrigger, RestartTrigger
from services.web.core.parameter import flag
from services.web.core.problem import invalid_argument
from services.web.core.search.filter import parse_query
from services.web.core.search.query import Group, InvalidSort, Leaf, Op
from services.web.core.search.written import written_filters
from services.web.core.view.page import paged
from services.web.core.view.table import triggers_csv
from services.web.core.view.trigger import trigger_item, trigger_state
from services.web.core.write.backfill import read_backfill
from services.web.http.answer import answer, csv_answer
from services.web.http.backfill import create_backfill
from services.web.http.body import json_object
from services.web.http.parts import parts_of, query_items
from services.web.http.selection import check_size, selection
from services.web.http.trigger_keys import key_in, listed_keys, selected_keys
from services.web.shell.triggers import Asked, Key
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/triggers", tags=["Triggers"])
namespaces_router = APIRouter(prefix="/api/v1/main/namespaces", tags=["Namespaces"])
SYSTEM_NAMESPACE = "system"


@router.get("/search")
async def search(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_triggers(parse_query(query_items(request), now_ms()))
    return answer(paged([trigger_item(row) for row in rows], total))


@router.put("/set-disabled")
async def set_disabled(request: Request) -> Response:
    body = await json_object(request)
    rows = await parts_of(request).triggers.set_disabled([key_in(body)], disabled=_disabled(body))
    return answer(trigger_state(rows[0]))


@router.put("")
async def update(request: Request) -> Response:
    """The older path: it creates a backfill if one is given."""
    body = await json_object(request)
    if body.get("backfill") is not None:
        return await create_backfill(request, key_in(body), read_backfill(body["backfill"], now_ms()))
    rows = await parts_of(request).triggers.set_disabled([key_in(body)], disabled=_disabled(body))
    return answer(trigger_state(rows[0]))


@router.post("/set-disabled/by-triggers")
async def set_disabled_all(request: Request) -> Response:
    body = await json_object(request)
    triggers = body.get("triggers")
    if not isinstance(triggers, list) or not triggers:
        raise invalid_argument("`triggers` must be a list with at least one item")
    keys = [key_in(item) for item in triggers]
    rows = await parts_of(request).triggers.set_disabled(keys, disabled=_disabled(body))
    return answer({"count": len(rows), "totalItems": len(rows)})


@router.post("/set-disabled/by-query")
async def set_disabled_by_query(request: Request) -> Response:
    disabled = flag(request.query_params.get("disabled"), name="disabled", default=True)
    keys = await selected_keys(request, besides=("disabled",))
    rows = await parts_of(request).triggers.set_disabled(keys, disabled=disabled)
    return answer({"count": len(rows), "totalItems": len(rows)})


@router.post("/unlock/by-triggers")
async def unlock_all(request: Request) -> Response:
    return await _unlocked(request, await listed_keys(request))


@router.post("/unlock/by-query")
async def unlock_by_query(request: Request) -> Response:
    return await _unlocked(request, await selected_keys(request))


@router.get("/export/by-query/csv")
async def export_csv(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_triggers(selection(request, may_be_all=True))
    check_size(total)
    return csv_answer(triggers_csv(rows), "triggers")


@router.get("/{namespace}/{flow_id}")
async def of_flow(namespace: str, flow_id: str, request: Request) -> Response:
    exactly = Group(
        "and",
        (Leaf("namespace", Op.EQUALS, (namespace,)), Leaf("flowId", Op.EQUALS, (flow_id,))),
    )
    query = parse_query(query_items(request), now_ms(), extra=exactly)
    rows, total = await parts_of(request).rows.search_triggers(query)
    return answer(paged([trigger_state(row) for row in rows], total))


@router.post("/{namespace}/{flow_id}/{trigger_id}/unlock")
async def unlock(namespace: str, flow_id: str, trigger_id: str, request: Request) -> Response:
    row = await parts_of(request).triggers.unlock((namespace, flow_id, trigger_id))
    return answer(trigger_state(row))


@router.post("/{namespace}/{flow_id}/{trigger_id}/restart")
async def restart(namespace: str, flow_id: str, trigger_id: str, request: Request) -> Response:
    (row,) = await parts_of(request).triggers.tell([(namespace, flow_id, trigger_id)], _restarting)
    return answer(trigger_state(row))


@router.delete("/delete/by-triggers")
async def delete_listed(request: Request) -> Response:
    return await _deleted(request, await listed_keys(request))


@router.delete("/delete/by-query")
async def delete_selected(request: Request) -> Response:
    """Filters are in the query, or in the body, where Kestra's own client writes them."""
    written = (await json_object(request)).get("filters") if await request.body() else None
    found = [] if written is None else list(written_filters(written))
    return await _deleted(request, await selected_keys(request, written=found))


@router.delete("/{namespace}/{flow_id}/{trigger_id}")
async def delete(namespace: str, flow_id: str, trigger_id: str, request: Request) -> Response:
    await parts_of(request).triggers.tell([(namespace, flow_id, trigger_id)], _resetting)
    return Response(status_code=204)


@namespaces_router.get("/search")
async def search_namespaces(request: Request) -> Response:
    query = parse_query(query_items(request), now_ms())
    if any(sort.column != "id" for sort in query.sort):
        raise InvalidSort(query.sort[0].column, ("id",))
    text = query.where.values[0] if isinstance(query.where, Leaf) and query.where.field == "q" else ""
    found = [name for name in await _namespaces(request) if text.lower() in name]
    if query.sort and query.sort[0].descending:
        found.reverse()
    first = (query.page - 1) * query.size
    page = found[first : first + query.size]
    return answer(paged([{"id": name, "deleted": False} for name in page], len(found)))


@namespaces_router.post("/autocomplete")
async def autocomplete(request: Request) -> Response:
    text = str((await json_object(request)).get("q") or "").lower()
    return answer([name for name in await _namespaces(request) if text in name])


@namespaces_router.get("/{namespace}")
async def namespace(namespace: str) -> Response:
    return answer({"id": namespace, "deleted": False})


async def _deleted(request: Request, keys: list[Key]) -> Response:
    """Drop the states of triggers. Those that an execution locks are passed over."""
    triggers = parts_of(request).triggers
    rows = [await triggers.get(key) for key in dict.fromkeys(keys)]
    free = [(row.namespace, row.flow_id, row.trigger_id) for row in rows if row.execution_id is None]
    changed = await triggers.tell(free, _resetting)
    return answer({"count": len(changed), "totalItems": len(changed)})


async def _unlocked(request: Request, keys: list[Key]) -> Response:
    rows = await parts_of(request).triggers.unlock_all(keys)
    return answer({"count": len(rows), "totalItems": len(rows)})


async def _namespaces(request: Request) -> list[str]:
    """Namespaces that have flows, those above them, and the system's namespace."""
    names = {SYSTEM_NAMESPACE}
    for name in await parts_of(request).rows.distinct_namespaces():
        parts = name.split(".")
        names.update(".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return sorted(names)


def _restarting(asked: Asked) -> RestartTrigger:
    return RestartTrigger(**asked)


def _resetting(asked: Asked) -> ResetTrigger:
    return ResetTrigger(**asked)


def _disabled(body: dict[str, Any]) -> bool:
    disabled = body.get("disabled", False)
    if not isinstance(disabled, bool):
        raise invalid_argument("`disabled` must be true or false")
    return disabled
