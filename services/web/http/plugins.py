"""Routes of types: a list of all, and the documentation and schema of one."""

from __future__ import annotations

from typing import Annotated, Any
from zlib import crc32

from fastapi import APIRouter, Depends, Request, Response

from services.web.core.parameter import flag
from services.web.core.problem import not_found
from services.web.core.view.page import paged
from services.web.http.answer import answer
from services.web.http.parts import parts_of
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.document import DIALECT, markdown
from toccata.plugins.host.entry import Entry
from toccata.plugins.host.flow_schema import Kind, properties_of, schema_of

router = APIRouter(tags=["Instance"])
CACHED = {"Cache-Control": "public, max-age=3600"}


async def catalog_of(request: Request) -> PluginCatalog:
    return parts_of(request).catalog


Catalog = Annotated[PluginCatalog, Depends(catalog_of)]


@router.get("/api/v1/plugins")
async def plugins(catalog: Catalog) -> Response:
    found = _groups(catalog)
    return answer(paged(found, len(found)))


@router.get("/api/v1/plugins/groups/subgroups")
async def subgroups(catalog: Catalog) -> Response:
    return answer(_groups(catalog))


@router.get("/api/v1/plugins/triggers")
async def triggers(catalog: Catalog) -> Response:
    found = [_trigger(entry) for entry in catalog if entry.kind == "trigger"]
    return answer(paged(found, len(found)))


def _trigger(entry: Entry) -> dict[str, Any]:
    return {
        "type": entry.name,
        "name": entry.name.rpartition(".")[2],
        "description": entry.title,
        "group": "realtime" if entry.started_by == "subscribe" else "core",
        "deprecated": entry.deprecated_by is not None,
        "ee": False,
    }


def _groups(catalog: PluginCatalog) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for entry in catalog:
        name = entry.name.rpartition(".")[0]
        group = groups.setdefault(name, _empty(name))
        kind = {"trigger": "triggers", "runner": "taskRunners"}.get(entry.kind, "tasks")
        deprecated = entry.deprecated_by is not None
        group[kind].append({"cls": entry.name, "title": entry.title, "deprecated": deprecated})
        group["aliases"] += entry.aliases
    return [groups[name] for name in sorted(groups)]


@router.get("/api/v1/plugins/{cls}")
async def plugin(cls: str, catalog: Catalog) -> Response:
    found = catalog.documentation(cls)
    if found is None:
        raise not_found(f"Class '{cls[:200]}' doesn't exists ")
    schema = {
        "properties": found.properties,
        "outputs": found.outputs or {"$schema": DIALECT},
        "definitions": {},
    }
    return answer({"markdown": markdown(found), "schema": schema}, headers=CACHED)


@router.get("/api/v1/plugins/schemas/{type}")
async def schema(type: str, request: Request, catalog: Catalog) -> Response:  # noqa: A002 - the path's name
    found = schema_of(_kind(type), catalog)
    if flag(request.query_params.get("arrayOf"), name="arrayOf"):
        head = found.pop("$ref")
        found |= {"type": "array", "items": {"$ref": head}}
    return answer(found, headers=CACHED)


@router.get("/api/v1/plugins/properties/{type}")
async def properties(type: str, catalog: Catalog) -> Response:  # noqa: A002 - the path's name
    return answer(properties_of(_kind(type), catalog), headers=CACHED)


def _kind(name: str) -> Kind:
    match name.lower():
        case "flow" | "task" | "trigger" as kind:
            return kind
    raise not_found(f"Schema '{name[:200]}'")


def _empty(group: str) -> dict[str, Any]:
    lists: dict[str, Any] = {"tasks": [], "triggers": [], "taskRunners": [], "aliases": []}
    return {"name": group.rpartition(".")[2], "title": group, "group": group, **lists}


def plugins_hash(catalog: PluginCatalog) -> int:
    return crc32("\n".join(plugin.name for plugin in catalog).encode())
