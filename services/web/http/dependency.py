"""Routes that show which flow starts which."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from services.web.core.parameter import flag
from services.web.core.problem import not_found
from services.web.core.view.dependency import around, edges_of, of_namespace, topology
from services.web.http.answer import answer
from services.web.http.parts import parts_of

router = APIRouter(prefix="/api/v1/main", tags=["Flows"])


@router.get("/flows/{namespace}/{flow_id}/dependencies")
async def of_flow(namespace: str, flow_id: str, request: Request) -> Response:
    table, params = parts_of(request).table, request.query_params
    if table.get(namespace, flow_id) is None:
        raise not_found()
    edges = around(
        await asyncio.to_thread(edges_of, list(table.latest())),
        (namespace, flow_id),
        destination_only=flag(params.get("destinationOnly"), name="destinationOnly"),
        everything=flag(params.get("expandAll"), name="expandAll"),
    )
    return answer(topology(edges))


@router.get("/namespaces/{namespace}/dependencies")
async def of_all(namespace: str, request: Request) -> Response:
    only = flag(request.query_params.get("destinationOnly"), name="destinationOnly")
    states = list(parts_of(request).table.latest())
    edges = of_namespace(await asyncio.to_thread(edges_of, states), namespace, destination_only=only)
    own = [(state.namespace, state.flow_id) for state in states if state.namespace == namespace]
    return answer(topology(edges, own))
