"""Routes of the KV store."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.web.core.problem import invalid_argument
from services.web.core.search.filter import parse_query
from services.web.core.search.listing import search
from services.web.core.view.page import paged
from services.web.core.view.value import VALUES, key_of, read_ttl, read_value, value_entry, value_view
from services.web.http.answer import NO_STORE, answer
from services.web.http.body import json_object
from services.web.http.parts import parts_of, query_items
from toccata.runtime.clock import now_ms
from toccata.runtime.namespace.values import NewValue

router = APIRouter(prefix="/api/v1/main/kv", tags=["KV"])
namespace_router = APIRouter(prefix="/api/v1/main/namespaces", tags=["KV"])


@router.get("")
async def search_values(request: Request) -> Response:
    query = parse_query(query_items(request), now_ms())
    found, total = search(VALUES, query, await parts_of(request).values.listed())
    return answer(paged([value_entry(value) for value in found], total))


@namespace_router.get("/{namespace}/kv")
async def of_namespace(namespace: str, request: Request) -> Response:
    return answer([value_entry(value) for value in await parts_of(request).values.listed(namespace)])


@namespace_router.get("/{namespace}/kv/inheritance")
async def inherited(namespace: str, request: Request) -> Response:
    return answer([value_entry(value) for value in await parts_of(request).values.inherited(namespace)])


@namespace_router.get("/{namespace}/kv/{name}")
async def get(namespace: str, name: str, request: Request) -> Response:
    value, content = await parts_of(request).values.get(namespace, key_of(name))
    return answer(value_view(value, content))


@namespace_router.put("/{namespace}/kv/{name}")
async def put(namespace: str, name: str, request: Request) -> Response:
    kind, text = read_value(name, await request.body())
    description = request.headers.get("description", "")
    new = NewValue(kind=kind, json=text, description=description, ttl=read_ttl(request.headers))
    await parts_of(request).values.put(namespace, name, new)
    return Response(b"", 200, NO_STORE)


@namespace_router.delete("/{namespace}/kv/{name}")
async def delete(namespace: str, name: str, request: Request) -> Response:
    return answer(bool(await parts_of(request).values.delete(namespace, [key_of(name)])))


@namespace_router.delete("/{namespace}/kv")
async def delete_all(namespace: str, request: Request) -> Response:
    keys = (await json_object(request)).get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise invalid_argument("`keys` must be a list of texts")
    return answer({"keys": await parts_of(request).values.delete(namespace, keys)})
