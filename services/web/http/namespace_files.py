"""Routes of the files of namespaces."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, StreamingResponse

from contracts.namespace_path import name_of
from services.web.core.file import attachment
from services.web.core.namespace_file import attributes, in_namespace, is_flow, wanted_path, writable_path
from services.web.core.parameter import whole_number
from services.web.core.problem import bad_request, invalid_argument
from services.web.core.write.flow import as_yaml, read_flow, refusal
from services.web.http.answer import NO_STORE, answer, empty
from services.web.http.body import form_of
from services.web.http.parts import Parts, parts_of
from services.web.shell.namespace_files import entries, spooled

router = APIRouter(prefix="/api/v1/main/namespaces", tags=["Files"])
_BYTES = "application/octet-stream"


@router.get("/{namespace}/files/search")
async def search(namespace: str, request: Request) -> Response:
    wanted = request.query_params.get("q", "")
    paths = await parts_of(request).namespace_files.paths(namespace)
    return answer([path for path in paths if wanted.lower() in path.lower()])


@router.get("/{namespace}/files/directory")
async def directory(namespace: str, request: Request) -> Response:
    path = wanted_path(request.query_params.get("path"), root=True)
    return answer(
        [attributes(each) for each in await parts_of(request).namespace_files.listing(namespace, path)]
    )


@router.post("/{namespace}/files/directory")
async def make_directory(namespace: str, request: Request) -> Response:
    await parts_of(request).namespace_files.make_folder(namespace, writable_path(_path(request)))
    return empty(200)


@router.get("/{namespace}/files/stats")
async def stats(namespace: str, request: Request) -> Response:
    path = wanted_path(request.query_params.get("path"), root=True)
    return answer(attributes(await parts_of(request).namespace_files.stat(namespace, path)))


@router.get("/{namespace}/files/revisions")
async def revisions(namespace: str, request: Request) -> Response:
    found = await parts_of(request).namespace_files.revisions(namespace, wanted_path(_path(request)))
    return answer([{"revision": each.number} for each in found])


@router.get("/{namespace}/files/export")
async def export(namespace: str, request: Request) -> Response:
    folder = await asyncio.to_thread(TemporaryDirectory, prefix="toccata-export-")
    archive = Path(folder.name) / "files.zip"
    try:
        await parts_of(request).namespace_files.export(namespace, archive)
    except BaseException:
        await asyncio.to_thread(folder.cleanup)
        raise
    headers = {**NO_STORE, "Content-Disposition": attachment(f"{namespace}_files.zip")}
    return FileResponse(
        archive, headers=headers, media_type=_BYTES, background=BackgroundTask(folder.cleanup)
    )


@router.get("/{namespace}/files")
async def content(namespace: str, request: Request) -> Response:
    path = wanted_path(_path(request))
    number = whole_number(request.query_params.get("revision"), name="revision")
    files = parts_of(request).namespace_files
    revision = await files.revision(namespace, path, number)
    headers = {
        **NO_STORE,
        "Content-Disposition": attachment(name_of(path)),
        "Content-Length": str(revision.size),
    }
    return StreamingResponse(files.stream(revision), headers=headers, media_type=_BYTES)


@router.post("/{namespace}/files")
async def upload(namespace: str, request: Request) -> Response:
    path = wanted_path(request.query_params.get("path"), root=True)
    file = (await form_of(request)).get("fileContent")
    if not isinstance(file, UploadFile):
        raise bad_request("Required Part [fileContent] not specified")
    parts = parts_of(request)
    folder, local = await spooled(file.file)
    try:
        if (file.filename or "").lower().endswith(".zip"):
            # Clients name the archive itself, or the folder for its files.
            above = path.rpartition("/")[0] if path.lower().endswith(".zip") else path.rstrip("/")
            async for entry in entries(local, above):
                await _stored(parts, namespace, entry.path, entry.content)
        else:
            await _stored(parts, namespace, path, local)
    finally:
        await asyncio.to_thread(folder.cleanup)
    return empty(200)


async def _stored(parts: Parts, namespace: str, path: str, local: Path) -> None:
    if not is_flow(path):
        await parts.namespace_files.put(namespace, writable_path(path), local)
        return
    source = in_namespace(as_yaml(await asyncio.to_thread(local.read_bytes), "application/x-yaml"), namespace)
    flow = await parts.reading.read(source, partial(read_flow, catalog=parts.catalog))
    problem = refusal((await parts.flows.put([flow], "upsert"))[0])
    if problem is not None:
        raise problem


@router.put("/{namespace}/files")
async def move(namespace: str, request: Request) -> Response:
    source, target = (request.query_params.get(name) for name in ("from", "to"))
    if not source or not target:
        raise invalid_argument("`from` and `to` are required: paths of a file or a folder")
    await parts_of(request).namespace_files.move(namespace, writable_path(source), writable_path(target))
    return empty(200)


@router.delete("/{namespace}/files")
async def delete(namespace: str, request: Request) -> Response:
    await parts_of(request).namespace_files.delete(namespace, writable_path(_path(request)))
    return empty(200)


def _path(request: Request) -> str:
    path = request.query_params.get("path")
    if not path:
        raise bad_request("Required QueryValue [path] not specified")
    return path
