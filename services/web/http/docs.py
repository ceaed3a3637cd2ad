"""Serves the documentation at ``/docs`` to everybody: static files that ``make docs`` builds into ``services/web/docs``."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from services.web.http.answer import NO_STORE
from services.web.http.policy import READING_POLICY
from services.web.http.static import page_headers, static_answer
from services.web.static import StaticFolder

NOT_BUILT = (
    "This installation has no documentation. Run: make docs (and then `pip install .` again, if you installed with pip)."
    " Then reload this page.\n"
)
NO_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Not found · Toccata</title>'
    '<p>There is no such page in the documentation. <a href="/docs/">Go to its beginning.</a></p></html>'
)


def docs_router(folder: Traversable) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    site = StaticFolder(folder)

    @router.get("/docs")
    async def docs_root() -> Response:
        return RedirectResponse("/docs/", 307)

    @router.get("/docs/{path:path}")
    async def docs_file(path: str, request: Request) -> Response:
        if "index.html" not in site:
            return PlainTextResponse(NOT_BUILT, 404, NO_STORE)
        if f"{path}/index.html" in site:
            # Without the final slash, the relative links of the page would be wrong.
            return RedirectResponse(f"/docs/{path}/", 307)
        found = site.get(f"{path}index.html" if path.endswith("/") or not path else path)
        if found is None:
            return HTMLResponse(NO_PAGE, 404, page_headers(READING_POLICY, NO_STORE["Cache-Control"]))
        return static_answer(found, request, READING_POLICY)

    return router
