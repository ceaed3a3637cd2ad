"""The page at ``/ui``: the built files of `services.web.ui`. It knows no data; what it shows it asks the API for."""

from __future__ import annotations

import secrets
from html import escape
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.web.core.problem import not_found
from services.web.http.policy import content_security_policy
from services.web.ui.site import NONCE, Asset, SiteFolder, SiteMissing

_TENANTLESS = frozenset({"executions", "flows", "login"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Names carry a digest of their content: another content is another file.
_FOR_EVER = "public, max-age=31536000, immutable"
_MISSING = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Toccata</title>
<h1>The page is missing</h1>
<p>The page in the browser cannot be shown: {reason}</p>
<p>Everything else works: the HTTP API, the command line, and your flows. Load this page again once it is built.</p>
</html>
"""


def ui_router(folder: Traversable) -> APIRouter:
    """``folder`` is that of the package `services.web.ui`, or one like it."""
    router = APIRouter(include_in_schema=False)
    place = SiteFolder(folder)

    @router.get("/ui")
    async def ui_root() -> Response:
        return RedirectResponse("/ui/", 307)

    @router.get("/ui/assets/{name:path}")
    async def asset(name: str, request: Request) -> Response:
        try:
            found = place.site().assets[name]
        except (SiteMissing, KeyError):
            raise not_found() from None
        return _asset(found, request)

    @router.get("/ui/{path:path}")
    async def page(path: str, request: Request) -> Response:
        """Deep links answer with the same page, which reads its address; those without tenant get one."""
        if path.partition("/")[0] in _TENANTLESS:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/ui/main/{path}{query}", 307)
        return _page(place)

    return router


def _asset(found: Asset, request: Request) -> Response:
    headers = {**_HEADERS, "ETag": found.tag, "Cache-Control": _FOR_EVER}
    # A worker lives under the policy of its own file.
    headers["Content-Security-Policy"] = content_security_policy(None)
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def _page(place: SiteFolder) -> Response:
    nonce = secrets.token_urlsafe(16)
    try:
        text, status = place.site().page.replace(NONCE, nonce), 200
    except SiteMissing as missing:
        text, status = _MISSING.format(reason=escape(str(missing))), 503
    policy = content_security_policy(nonce)
    headers = {**_HEADERS, "Cache-Control": "no-cache", "Content-Security-Policy": policy}
    return HTMLResponse(text, status, headers)
