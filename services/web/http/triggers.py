"""Routes of triggers and of namespaces."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fastapi import APIRouter, Request, Response

from services.web.core.parameter import flag
from services.web.core.problem import invalid_argument
from services.web.core.search.filter import parse_query
from services.web.core.search.query import Group, InvalidSort, Leaf, Op
from services.web.core.view.page import paged
from services.web.core.view.table import triggers_csv
from services.web.core.view.trigger import trigger_item, trigger_state
from services.web.http.answer import answer, csv_answer
from services.web.http.body import json_list, json_object
from services.web.http.parts import parts_of, query_items
from services.web.http.selection import check_size, selection
from services.web.shell.triggers import Key
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
    rows = await parts_of(request).triggers.set_disabled([_key(body)], disabled=_disabled(body))
    return answer(trigger_state(rows[0]))


@router.put("")
async def update(request: Request) -> Response:
    body = await json_object(request)
    if body.get("backfill") is not None:
        raise invalid_argument("backfills are not supported")
    rows = await parts_of(request).triggers.set_disabled([_key(body)], disabled=_disabled(body))
    return answer(trigger_state(rows[0]))


@router.post("/set-disabled/by-triggers")
async def set_disabled_all(request: Request) -> Response:
    body = await json_object(request)
    triggers = body.get("triggers")
    if not isinstance(triggers, list) or not triggers:
        raise invalid_argument("`triggers` must be a list with at least one item")
    keys = [_key(item) for item in triggers]
    rows = await parts_of(request).triggers.set_disabled(keys, disabled=_disabled(body))
    return answer({"count": len(rows), "totalItems": len(rows)})


@router.post("/set-disabled/by-query")
async def set_disabled_by_query(request: Request) -> Response:
    disabled = flag(request.query_params.get("disabled"), name="disabled", default=True)
    keys = await _selected(request, besides=("disabled",))
    rows = await parts_of(request).triggers.set_disabled(keys, disabled=disabled)
    return answer({"count": len(rows), "totalItems": len(rows)})


@router.post("/unlock/by-triggers")
async def unlock_all(request: Request) -> Response:
    items = await json_list(request, lambda item: isinstance(item, dict), "objects with the ids of triggers")
    return await _unlocked(request, [_key(item) for item in items])


@router.post("/unlock/by-query")
async def unlock_by_query(request: Request) -> Response:
    return await _unlocked(request, await _selected(request))


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


async def _unlocked(request: Request, keys: list[Key]) -> Response:
    rows = await parts_of(request).triggers.unlock_all(keys)
    return answer({"count": len(rows), "totalItems": len(rows)})


async def _selected(request: Request, *, besides: Collection[str] = ()) -> list[Key]:
    rows, total = await parts_of(request).rows.search_triggers(selection(request, besides=besides))
    check_size(total)
    return [(row.namespace, row.flow_id, row.trigger_id) for row in rows]


async def _namespaces(request: Request) -> list[str]:
    """Namespaces that have flows, those above them, and the system's namespace."""
    names = {SYSTEM_NAMESPACE}
    for name in await parts_of(request).rows.distinct_namespaces():
        parts = name.split(".")
        names.update(".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return sorted(names)


def _key(body: Any) -> Key:
    """Only the three ids are read, so the bodies of both generations fit."""
    if not isinstance(body, dict):
        raise invalid_argument("expected an object with namespace, flowId and triggerId")
    values = [body.get(name) for name in ("namespace", "flowId", "triggerId")]
    if not all(isinstance(value, str) and value for value in values):
        raise invalid_argument("`namespace`, `flowId` and `triggerId` are required")
    return str(values[0]), str(values[1]), str(values[2])


def _disabled(body: dict[str, Any]) -> bool:
    disabled = body.get("disabled", False)
    if not isinstance(disabled, bool):
        raise invalid_argument("`disabled` must be true or false")
    return disabled
