"""Routes that create, update, delete and import flows, and that validate without saving."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from contracts.language.flow.source_text import split_documents
from contracts.reply import Reply
from contracts.states import ENDED
from services.web.core.parameter import flag, whole_number, whole_numbers
from services.web.core.problem import Problem, bad_request, invalid_entity, not_found
from services.web.core.rows import FlowRow
from services.web.core.search.filter import parse_query
from services.web.core.view.flow import flow_page
from services.web.core.write.archive import unpack
from services.web.core.write.flow import (
    Sourced,
    as_yaml,
    head_of,
    read_flow,
    refusal,
    same_flow,
    validation_line,
)
from services.web.http.answer import answer, empty
from services.web.http.body import form_of
from services.web.http.parts import Parts, parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])


@router.post("/import")
async def import_flows(request: Request) -> Response:
    parts = parts_of(request)
    fail = flag(request.query_params.get("failOnError"), name="failOnError")
    upload = (await form_of(request)).get("fileUpload")
    if not isinstance(upload, UploadFile):
        raise bad_request("Required Part [fileUpload] not specified")
    rejected: dict[str, Problem] = {}
    accepted: list[tuple[str, Sourced]] = []
    for unread in unpack(upload.filename or "", await upload.read()):
        try:
            accepted.append((unread.name, await _read(parts, unread.source)))
        except Problem as problem:
            rejected.setdefault(unread.name, problem)
        await asyncio.sleep(0)  # reading a flow takes a while, so let other requests run in between
    if fail and rejected:
        raise next(iter(rejected.values()))
    replies = await parts.flows.put([flow for _, flow in accepted], "upsert")
    for (name, _), reply in zip(accepted, replies, strict=True):
        refused = refusal(reply)
        if refused is not None and fail:
            raise refused
        if refused is not None:
            rejected.setdefault(name, refused)
    return answer(list(rejected))


@router.post("/validate")
async def validate(request: Request) -> Response:
    parts = parts_of(request)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/"):
        sources = [
            document
            for value in (await form_of(request)).getlist("flows")
            for document in split_documents(
                value if isinstance(value, str) else as_yaml(await value.read(), "application/x-yaml")
            )
        ]
    else:
        body = as_yaml(await request.body(), content_type)
        sources = split_documents(body) or [body]
    lines = []
    for index, source in enumerate(sources):
        head = await parts.reading.read(source, head_of)
        stored = parts.table.get(*head) if head is not None else None
        revision = stored.revision if stored is not None else None
        line = partial(validation_line, index, catalog=parts.catalog, stored_revision=revision)
        lines.append(await parts.reading.read(source, line))
        await asyncio.sleep(0)  # reading a flow takes a while, so let other requests run in between
    return answer(lines)


@router.post("")
async def create(request: Request) -> Response:
    flow = await _posted(request)
    return await _stored(request, flow, "create")


@router.put("/{namespace}/{flow_id}")
async def update(namespace: str, flow_id: str, request: Request) -> Response:
    if parts_of(request).table.get(namespace, flow_id) is None:
        raise not_found()
    flow = await _posted(request)
    same_flow(flow, namespace, flow_id)
    return await _stored(request, flow, "update")


@router.delete("/{namespace}/{flow_id}")
async def delete(namespace: str, flow_id: str, request: Request) -> Response:
    problem = refusal((await parts_of(request).flows.delete([(namespace, flow_id)]))[0])
    if problem is not None:
        raise problem
    return empty()


@router.delete("/{namespace}/{flow_id}/revisions")
async def delete_revisions(namespace: str, flow_id: str, request: Request) -> Response:
    parts = parts_of(request)
    revisions = whole_numbers(request.query_params.getlist("revisions"), name="revisions")
    if not revisions:
        raise bad_request("name the revisions to delete: ?revisions=1,2")
    if parts.table.get(namespace, flow_id) is None:
        raise not_found()
    await _unused(parts, namespace, flow_id, revisions)
    problem = refusal(await parts.flows.delete_revisions(namespace, flow_id, revisions))
    if problem is not None:
        raise problem
    return empty()


async def _unused(parts: Parts, namespace: str, flow_id: str, revisions: list[int]) -> None:
    """Raises Problem 409 if an execution that has not ended runs one of them."""
    items = [
        ("filters[namespace][EQUALS]", namespace),
        ("filters[flowId][EQUALS]", flow_id),
        ("filters[flowRevision][IN]", ",".join(map(str, revisions))),
        ("filters[state][NOT_IN]", ",".join(sorted(state.value for state in ENDED))),
        ("size", "1"),
    ]
    rows, _ = await parts.rows.search_executions(parse_query(items, now_ms()))
    if rows:
        raise Problem(
            409,
            "conflict",
            f"execution {rows[0].id} runs revision {rows[0].revision} and has not ended: wait for it, or kill it",
        )


async def _posted(request: Request) -> Sourced:
    if flag(request.query_params.get("draft"), name="draft"):
        raise bad_request("drafts are not supported")
    source = as_yaml(await request.body(), request.headers.get("content-type", ""))
    if not source.strip():
        raise invalid_entity("the request has no body")
    return await _read(parts_of(request), source)


async def _read(parts: Parts, source: str) -> Sourced:
    return await parts.reading.read(source, partial(read_flow, catalog=parts.catalog))


async def _stored(request: Request, flow: Sourced, mode: Any) -> Response:
    parts = parts_of(request)
    expected = whole_number(request.headers.get("if-match", "").strip('"'), name="If-Match")
    reply = (await parts.flows.put([flow], mode, expected_revision=expected))[0]
    problem = refusal(reply)
    if problem is not None:
        raise problem
    return answer(flow_page(saved_row(parts, flow, reply), source=True))


def saved_row(parts: Parts, flow: Sourced, reply: Reply) -> FlowRow:
    """The row as reads will give it after the projection."""
    state = parts.table.get(flow.namespace, flow.flow_id, reply.revision)
    return FlowRow(
        namespace=flow.namespace,
        id=flow.flow_id,
        revision=reply.revision or 0,
        source=state.source if state is not None else flow.source,
        labels={label.key: label.value for label in flow.flow.labels},
        disabled=flow.flow.disabled,
        description=flow.flow.description or "",
        deleted=False,
        created_at=state.created_at if state is not None else reply.at,
        updated_at=state.at if state is not None else reply.at,
    )
