"""Routes that save many flows at once and may remove the others of their namespace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request, Response

from contracts.language.flow.source_text import split_documents
from contracts.scalars import JsonObject
from services.web.core.parameter import flag
from services.web.core.problem import bad_request, invalid_entity
from services.web.core.rows import FlowRow
from services.web.core.search.filter import parse_query
from services.web.core.view.flow import flow_page
from services.web.core.write.flow import Sourced, as_yaml, read_flow, refusal
from services.web.http.answer import answer
from services.web.http.body import form_of
from services.web.http.flow_write import saved_row
from services.web.http.parts import Parts, parts_of
from services.web.http.selection import MOST, check_size
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])


@router.post("/bulk")
async def save_many(request: Request) -> Response:
    params = request.query_params
    namespace = params.get("namespace") or None
    delete = flag(params.get("delete"), name="delete", default=namespace is not None)
    if delete and namespace is None:
        raise bad_request("`delete` needs a `namespace`, whose other flows it removes")
    below = flag(params.get("allowNamespaceChild"), name="allowNamespaceChild")
    flows = await _posted(request)
    for flow in flows:
        child = below and namespace is not None and flow.namespace.startswith(f"{namespace}.")
        if namespace is not None and flow.namespace != namespace and not child:
            raise invalid_entity(f"flow {flow.flow_id} is of namespace {flow.namespace}, not of {namespace}")
    return answer(await _saved(parts_of(request), flows, namespace if delete else None))


@router.post("/{namespace}")
async def replace_namespace(namespace: str, request: Request) -> Response:
    delete = flag(request.query_params.get("delete"), name="delete", default=True)
    if flag(request.query_params.get("override"), name="override"):
        raise bad_request("`override` is not supported: write the namespace into each flow")
    flows = await _posted(request)
    for flow in flows:
        if flow.namespace != namespace:
            raise invalid_entity(f"flow {flow.flow_id} is of namespace {flow.namespace}, not of {namespace}")
    return answer(await _saved(parts_of(request), flows, namespace if delete else None))


async def _posted(request: Request) -> list[Sourced]:
    """Raises Problem 422 unless all of them are valid."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/"):
        parts = (await form_of(request)).getlist("flows")
        texts = [part if isinstance(part, str) else as_yaml(await part.read(), "") for part in parts]
    else:
        texts = [as_yaml(await request.body(), content_type)]
    flows = []
    for source in (document for text in texts for document in split_documents(text)):
        read = partial(read_flow, catalog=parts_of(request).catalog)
        flows.append(await parts_of(request).reading.read(source, read))
        await asyncio.sleep(0)  # reading a flow takes a while, so let other requests run in between
    return flows


async def _saved(parts: Parts, flows: list[Sourced], only: str | None) -> list[JsonObject]:
    """``only`` is the namespace whose other flows are removed. They come last, marked as deleted."""
    before = await _others(parts, only, {flow.flow_id for flow in flows}) if only is not None else []
    replies = await parts.flows.put(flows, "upsert")
    for reply in replies:
        problem = refusal(reply)
        if problem is not None:
            raise problem
    pages = [
        flow_page(saved_row(parts, flow, reply), source=True)
        for flow, reply in zip(flows, replies, strict=True)
    ]
    await parts.flows.delete([(row.namespace, row.id) for row in before])
    return pages + [flow_page(replace(row, deleted=True), source=True) for row in before]


async def _others(parts: Parts, namespace: str, kept: set[str]) -> list[FlowRow]:
    items = [("filters[namespace][EQUALS]", namespace), ("size", str(MOST))]
    rows, total = await parts.rows.search_flows(parse_query(items, now_ms()))
    check_size(total)
    return [row for row in rows if row.id not in kept]
