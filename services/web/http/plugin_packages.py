"""Routes of types that clients of a store of plugins call: icons, versions, and installation. Packages are installed where the
services run, never over the API."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions
from importlib.metadata import version as installed
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from services.web.core.problem import conflict, invalid_entity, not_found
from services.web.core.view.icon import icon, svg
from services.web.core.view.page import Json
from services.web.http.answer import answer
from services.web.http.body import json_list
from services.web.http.plugins import CACHED, Catalog, plugin
from toccata.plugins.host.entry import Entry
from toccata.version import version

router = APIRouter(prefix="/api/v1/plugins", tags=["Plugins"])
_OURS = "toccata"


@router.get("/icons")
async def icons(catalog: Catalog) -> Response:
    return answer({entry.name: _icon(entry) for entry in catalog}, headers=CACHED)


@router.get("/icons/groups")
async def icons_of_groups(catalog: Catalog) -> Response:
    groups = sorted({entry.name.rpartition(".")[0] for entry in catalog})
    return answer({group: icon(group, flowable=False) for group in groups}, headers=CACHED)


@router.get("/icons/{cls}")
async def icon_of_type(cls: str, catalog: Catalog) -> Response:
    return answer({"icon": _icon(_entry(cls, catalog))}, headers=CACHED)


@router.get("/icons/{cls}/icon.svg")
async def picture_of_type(cls: str, catalog: Catalog) -> Response:
    return Response(svg(_entry(cls, catalog).name), headers=CACHED, media_type="image/svg+xml")


@router.get("/{cls}/versions")
async def versions(cls: str, catalog: Catalog) -> Response:
    return answer({"type": cls, "versions": _versions(_entry(cls, catalog))})


@router.get("/{cls}/versions/{version}")
async def plugin_of_version(cls: str, version: str, catalog: Catalog) -> Response:
    if version not in _versions(_entry(cls, catalog)):
        raise not_found(f"Version '{version[:50]}' of class '{cls[:200]}'")
    return await plugin(cls, catalog)


@router.post("/pluginUiManifest")
async def manifest(request: Request) -> Response:
    """No type brings parts of a page."""
    await json_list(request, lambda item: isinstance(item, dict), "objects with cls")
    return answer({"manifest": {}})


@router.get("/{group}/pluginUi/{path}")
async def part_of_page(group: str, path: str) -> Response:
    raise not_found(f"The group '{group[:100]}' has no file '{path[:100]}' for pages")


@router.post("/auto-install/detect")
async def missing(request: Request, catalog: Catalog) -> Response:
    """The types of a flow that are not here. Where their packages are, nobody knows."""
    try:
        source = load_document((await request.body()).decode("utf-8", "replace")).value
    except FlowSyntaxError as error:
        raise invalid_entity(str(error)) from error
    return answer({name: [] for name in _types(source) if catalog.find(name) is None})


@router.post("/install")
async def install() -> Response:
    raise conflict("Packages are installed where the services run: `pip install`, or the folder of plugins")


@router.get("/install/{job}")
async def job(job: str) -> Response:
    raise not_found(f"There is no installation '{job[:100]}'")


def _icon(entry: Entry) -> Json:
    return icon(entry.name, flowable=entry.kind == "flowable")


def _entry(cls: str, catalog: Catalog) -> Entry:
    found = catalog.find(cls)
    if found is None:
        raise not_found(f"Class '{cls[:200]}' doesn't exists ")
    return found


def _versions(entry: Entry) -> list[str]:
    """The one version that is installed. None for a type from a folder, which has no version."""
    package = entry.module.partition(".")[0]
    if package in {_OURS, "contracts"}:
        return [version()]
    try:
        return [installed(name) for name in packages_distributions().get(package, ())[:1]]
    except PackageNotFoundError:
        return []


def _types(value: Any) -> Iterator[str]:
    """Names of types of tasks, triggers and runners, as written at any depth. Those of inputs have no dots."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            name = each.get("type")
            if isinstance(name, str) and "." in name and "{" not in name:
                yield name
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
