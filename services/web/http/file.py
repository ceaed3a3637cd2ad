"""Routes of the files of executions: size, download, preview."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from services.web.core.file import attachment, name_of
from services.web.core.parameter import whole_number
from services.web.core.problem import bad_request, invalid_argument
from services.web.core.view.preview import asked
from services.web.http.answer import NO_STORE, answer
from services.web.http.parts import parts_of

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])


@router.get("/{execution}/file/metas")
async def metas(execution: str, request: Request) -> Response:
    return answer({"size": await parts_of(request).files.size(execution, _path(request))})


@router.get("/{execution}/file/preview")
async def preview(execution: str, request: Request) -> Response:
    params = request.query_params
    wanted = asked(whole_number(params.get("maxRows"), name="maxRows"), params.get("encoding"))
    return answer(await parts_of(request).files.preview(execution, _path(request), wanted))


@router.get("/{execution}/file")
async def download(execution: str, request: Request) -> Response:
    if request.query_params.get("format", "RAW").upper() != "RAW":
        raise invalid_argument("`format` must be RAW: files are given as they are")
    uri = _path(request)
    files = parts_of(request).files
    size = await files.size(execution, uri)
    headers = {
        **NO_STORE,
        "Content-Disposition": attachment(name_of(uri)),
        "Content-Length": str(size),
    }
    return StreamingResponse(files.stream(uri), headers=headers, media_type="application/octet-stream")


def _path(request: Request) -> str:
    uri = request.query_params.get("path")
    if not uri:
        raise bad_request("`path` is required: the address of the file, as in the outputs")
    return uri
