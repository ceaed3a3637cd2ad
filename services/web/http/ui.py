"""Serves the page at ``/ui``: the built files of `services.web.ui`. The page gets its data from the API."""

from __future__ import annotations

import secrets
from html import escape
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.web.core.problem import not_found
from services.web.http.policy import content_security_policy
from services.web.http.static import FOR_EVER, page_headers, static_answer
from services.web.ui.site import NONCE, SiteFolder, SiteMissing

_TENANTLESS = frozenset({"executions", "flows", "login"})
_MISSING = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Toccata</title>
<h1>The page is missing</h1>
<p>The page in the browser cannot be shown: {reason}</p>
<p>Everything else works: the HTTP API, the command line, and your flows. Reload this page when it is built.</p>
</html>
"""


def ui_router(folder: Traversable) -> APIRouter:
    """``folder`` is the folder of the package `services.web.ui`, or one like it."""
    router = APIRouter(include_in_schema=False)
    place = SiteFolder(folder)

    @router.get("/ui")
    async def ui_root() -> Response:
        return RedirectResponse("/ui/", 307)

    @router.get("/ui/assets/{name:path}")
    async def asset(name: str, request: Request) -> Response:
        try:
            found = place.site().assets.get(name)
        except SiteMissing:
            found = None
        if found is None:
            raise not_found()
        # A worker follows the policy that comes with its own file.
        return static_answer(found, request, content_security_policy(None), FOR_EVER)

    @router.get("/ui/{path:path}")
    async def page(path: str, request: Request) -> Response:
        """Answer deep links with the same page, which reads its own address. Add the tenant if it is missing."""
        if path.partition("/")[0] in _TENANTLESS:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/ui/main/{path}{query}", 307)
        return _page(place)

    return router


def _page(place: SiteFolder) -> Response:
    nonce = secrets.token_urlsafe(16)
    try:
        text, status = place.site().page.replace(NONCE, nonce), 200
    except SiteMissing as missing:
        text, status = _MISSING.format(reason=escape(str(missing))), 503
    return HTMLResponse(text, status, page_headers(content_security_policy(nonce)))
