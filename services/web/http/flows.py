"""Routes of flows (api section 7.1)."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from contracts.language.flow.document import split_documents
from services.web.core.command import flag
from services.web.core.filter import parse_query
from services.web.core.flow_view import flow_page, fragments, matches, with_disabled
from services.web.core.flow_write import (
    Sourced,
    as_yaml,
    head_of,
    pack,
    read_flow,
    refusal,
    same_flow,
    unpack,
    validation_line,
)
from services.web.core.problem import Problem, bad_request, invalid_entity, not_found
from services.web.core.rows import FlowRow
from services.web.core.view import paged
from services.web.http.answer import answer, empty
from services.web.http.body import form_of, json_list
from services.web.http.parts import Parts, parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])
ZIP_HEADERS = {"Content-Disposition": 'attachment; filename="flows.zip"', "Cache-Control": "no-store"}


@router.get("/search", summary="Search flows (FL1)")
async def search(request: Request) -> Response:
    rows, total = await parts_of(request).rows.search_flows(parse_query(query_items(request), now_ms()))
    return answer(paged([flow_page(row) for row in rows], total))


@router.get("/source", summary="Search in sources (FL2)")
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


@router.get("/distinct-namespaces", summary="Namespaces that hold flows (FL33)")
async def distinct_namespaces(request: Request) -> Response:
    return answer(await parts_of(request).rows.distinct_namespaces(request.query_params.get("q", "")))


@router.post("/import", summary="Import flows from YAML or zip (FL14)")
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
            accepted.append((unread.name, read_flow(unread.source, parts.catalog)))
        except Problem as problem:
            rejected.setdefault(unread.name, problem)
        await asyncio.sleep(0)  # reading a flow takes a while: let others in between
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


@router.post("/validate", summary="Validate sources (FL24)")
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
        head = head_of(source)
        stored = parts.table.get(*head) if head is not None else None
        revision = stored.revision if stored is not None else None
        lines.append(validation_line(index, source, parts.catalog, revision))
        await asyncio.sleep(0)
    return answer(lines)


@router.post("/export/by-ids", summary="Export sources as zip (FL16)")
async def export_by_ids(request: Request) -> Response:
    parts = parts_of(request)
    rows = [await _latest(parts, namespace, flow_id) for namespace, flow_id in await _flow_ids(request)]
    content = pack((row.namespace, row.id, row.source) for row in rows)
    return Response(content, headers=ZIP_HEADERS, media_type="application/octet-stream")


@router.delete("/delete/by-ids", summary="Delete flows (FL19)")
async def delete_by_ids(request: Request) -> Response:
    replies = await parts_of(request).flows.delete(await _flow_ids(request))
    return answer(_count(sum(reply.accepted for reply in replies)))


@router.post("/enable/by-ids", summary="Enable flows (FL21)")
async def enable_by_ids(request: Request) -> Response:
    return await _switch(request, disabled=False)


@router.post("/disable/by-ids", summary="Disable flows (FL23)")
async def disable_by_ids(request: Request) -> Response:
    return await _switch(request, disabled=True)


@router.post("", summary="Create a flow (FL7)")
async def create(request: Request) -> Response:
    flow = await _posted(request)
    return await _stored(request, flow, "create")


@router.get("/{namespace}", summary="Flows of a namespace (FL6)")
async def of_namespace(namespace: str, request: Request) -> Response:
    items = [("filters[namespace][EQUALS]", namespace), ("size", "10000"), ("sort", "id:asc")]
    rows, _ = await parts_of(request).rows.search_flows(parse_query(items, now_ms()))
    return answer([flow_page(row) for row in rows])


@router.get("/{namespace}/{flow_id}", summary="One flow (FL8)")
async def get(namespace: str, flow_id: str, request: Request) -> Response:
    params = request.query_params
    source = flag(params.get("source"), name="source")
    deleted = flag(params.get("allowDeleted"), name="allowDeleted")
    row = await parts_of(request).rows.get_flow(
        namespace, flow_id, _number(params.get("revision")), allow_deleted=deleted
    )
    if row is None:
        raise not_found()
    return answer(flow_page(row, source=source))


@router.put("/{namespace}/{flow_id}", summary="Save a new revision (FL9)")
async def update(namespace: str, flow_id: str, request: Request) -> Response:
    if parts_of(request).table.get(namespace, flow_id) is None:
        raise not_found()
    flow = await _posted(request)
    same_flow(flow, namespace, flow_id)
    return await _stored(request, flow, "update")


@router.delete("/{namespace}/{flow_id}", summary="Delete a flow (FL10)")
async def delete(namespace: str, flow_id: str, request: Request) -> Response:
    problem = refusal((await parts_of(request).flows.delete([(namespace, flow_id)]))[0])
    if problem is not None:
        raise problem
    return empty()


@router.get("/{namespace}/{flow_id}/revisions", summary="All revisions (FL29)")
async def revisions(namespace: str, flow_id: str, request: Request) -> Response:
    rows = await parts_of(request).rows.flow_revisions(namespace, flow_id)
    allowed = flag(request.query_params.get("allowDelete"), name="allowDelete")
    if not rows or (rows[-1].deleted and not allowed):
        raise not_found()
    return answer([flow_page(row, source=True) for row in rows if allowed or not row.deleted])


@router.get("/{namespace}/{flow_id}/tasks/{task_id}", summary="One task as written (FL31)")
async def task(namespace: str, flow_id: str, task_id: str, request: Request) -> Response:
    row = await parts_of(request).rows.get_flow(
        namespace, flow_id, _number(request.query_params.get("revision"))
    )
    found = _find_task(flow_page(row), task_id) if row is not None else None
    if found is None:
        raise not_found()
    return answer(found)


async def _posted(request: Request) -> Sourced:
    if flag(request.query_params.get("draft"), name="draft"):
        raise bad_request("drafts are not supported")
    source = as_yaml(await request.body(), request.headers.get("content-type", ""))
    if not source.strip():
        raise invalid_entity("the request has no body")
    return read_flow(source, parts_of(request).catalog)


async def _stored(request: Request, flow: Sourced, mode: Any) -> Response:
    parts = parts_of(request)
    expected = _number(request.headers.get("if-match", "").strip('"') or None)
    reply = (await parts.flows.put([flow], mode, expected_revision=expected))[0]
    problem = refusal(reply)
    if problem is not None:
        raise problem
    state = parts.table.get(flow.namespace, flow.flow_id, reply.revision)
    stored = flow.parsed.flow
    assert stored is not None
    row = FlowRow(
        namespace=flow.namespace,
        id=flow.flow_id,
        revision=reply.revision or 0,
        source=state.source if state is not None else flow.source,
        labels={label.key: label.value for label in stored.labels},
        disabled=stored.disabled,
        description=stored.description or "",
        deleted=False,
        created_at=state.created_at if state is not None else reply.at,
        updated_at=state.at if state is not None else reply.at,
    )
    return answer(flow_page(row, source=True))


async def _switch(request: Request, *, disabled: bool) -> Response:
    parts = parts_of(request)
    changed = []
    for namespace, flow_id in await _flow_ids(request):
        row = await _latest(parts, namespace, flow_id)
        if row.disabled != disabled:
            source = with_disabled(row.source, disabled=disabled)
            changed.append(read_flow(source, parts.catalog))
    replies = await parts.flows.put(changed, "update")
    return answer(_count(sum(reply.accepted for reply in replies)))


async def _latest(parts: Parts, namespace: str, flow_id: str) -> FlowRow:
    row = await parts.rows.get_flow(namespace, flow_id)
    if row is None:
        raise not_found(f"Flow {namespace}.{flow_id} not found")
    return row


async def _flow_ids(request: Request) -> list[tuple[str, str]]:
    items = await json_list(request, _is_flow_id, "objects with namespace and id")
    return [(item["namespace"], item["id"]) for item in items]


def _is_flow_id(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("namespace", "id"))


def _count(number: int) -> dict[str, int]:
    return {"count": number, "totalItems": number}


def _number(text: str | None) -> int | None:
    if text is None or not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise bad_request(f"not a revision: {text[:40]}")
    return int(text)


def _find_task(value: Any, task_id: str) -> dict[str, Any] | None:
    if isinstance(value, list):
        return next((found for item in value if (found := _find_task(item, task_id)) is not None), None)
    if not isinstance(value, dict):
        return None
    if value.get("id") == task_id and isinstance(value.get("type"), str) and "namespace" not in value:
        return value
    lists = ("tasks", "then", "else", "errors", "finally", "afterExecution", "cases", "defaults", "task")
    inner = [value[name] for name in lists if name in value]
    inner += list(value["cases"].values()) if isinstance(value.get("cases"), dict) else []
    return _find_task(inner, task_id)
