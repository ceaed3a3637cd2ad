"""Serves the API's document at ``/api/v1/openapi.json`` and its page at ``/api/v1/docs`` to everybody. All files are local."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse, RedirectResponse

from services.web.core.problem import not_found
from services.web.http.answer import NO_STORE
from services.web.http.policy import READING_POLICY
from services.web.http.static import static_answer
from services.web.reference.files import ViewerMissing, document, viewer

router = APIRouter(include_in_schema=False)
PAGE = "/api/v1/docs"


@router.get("/api/v1/openapi.json")
async def openapi(request: Request) -> Response:
    return static_answer(document(), request, READING_POLICY)


@router.get("/api")
@router.get("/api/")
@router.get("/api/docs")
@router.get("/api/v1")
@router.get("/api/v1/")
@router.get("/swagger")
@router.get("/swagger-ui")
@router.get(PAGE + "/")
async def elsewhere() -> Response:
    """Redirect from addresses at which people look for the page."""
    return RedirectResponse(PAGE, 307)


@router.get(PAGE)
async def page(request: Request) -> Response:
    return _viewer("index.html", request)


@router.get(PAGE + "/{name}")
async def file(name: str, request: Request) -> Response:
    return _viewer(name, request)


def _viewer(name: str, request: Request) -> Response:
    try:
        found = viewer(name)
    except ViewerMissing as missing:
        text = f"The page cannot be shown: {missing}. The document itself is at /api/v1/openapi.json.\n"
        return PlainTextResponse(text, 503, NO_STORE)
    if found is None:
        raise not_found()
    return static_answer(found, request, READING_POLICY)
