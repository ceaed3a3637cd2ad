"""Routes of graphs: of a stored flow, of an unsaved source, and of an execution."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response

from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from services.web.core.parameter import whole_number
from services.web.core.problem import invalid_entity, not_found
from services.web.core.view.flow import flow_page
from services.web.core.view.graph import FlowName, flow_graph
from services.web.core.view.page import Json
from services.web.core.write.flow import as_yaml
from services.web.http.answer import answer
from services.web.http.parts import page_of, parts_of

router = APIRouter(prefix="/api/v1/main", tags=["Flows"])


@router.get("/flows/{namespace}/{flow_id}/graph")
async def of_flow(namespace: str, flow_id: str, request: Request) -> Response:
    revision = whole_number(request.query_params.get("revision"), name="revision")
    row = await parts_of(request).rows.get_flow(namespace, flow_id, revision)
    if row is None:
        raise not_found(f"Unable to find flow main_{namespace}_{flow_id}")
    return answer(await _drawn(request, flow_page(row)))


@router.post("/flows/graph")
async def of_source(request: Request) -> Response:
    source = as_yaml(await request.body(), request.headers.get("content-type", ""))
    try:
        flow = load_document(source).value
    except FlowSyntaxError as error:
        raise invalid_entity(f"Illegal flow yaml: {error}") from error
    if not isinstance(flow, dict):
        raise invalid_entity("Illegal flow yaml: a flow is a map")
    return answer(await _drawn(request, flow))


@router.get("/executions/{execution}/graph")
async def of_execution(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    live = await parts.executions.get(execution)
    row = await parts.rows.get_flow(live.namespace, live.flow_id, live.revision, allow_deleted=True)
    if row is None:
        raise not_found("The flow of this execution no longer exists")
    runs = page_of(parts, live, parts.lens(request.scope))["taskRunList"]
    return answer(await _drawn(request, flow_page(row), runs))


async def _drawn(request: Request, flow: Json, runs: Iterable[Json] = ()) -> Json:
    """Draw the flow, and in it those that ``subflows`` names. Each of them may show further ones."""
    wanted = {uid.strip() for given in request.query_params.getlist("subflows") for uid in given.split(",")}
    flows: dict[FlowName, Json | None] = {}
    while True:
        graph, unknown = flow_graph(flow, runs, wanted, flows)
        if not unknown:
            return graph
        for name in unknown:
            row = await parts_of(request).rows.get_flow(*name)
            flows[name] = flow_page(row) if row is not None else None
