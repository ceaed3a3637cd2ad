"""The page at ``/ui``: the built files of `services.web.ui`. It knows no data; what it shows it asks the API for."""

from __future__ import annotations

import secrets
from html import escape

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.web.core.problem import not_found
from services.web.http.policy import content_security_policy
from services.web.ui.site import NONCE, SiteMissing, load_site

router = APIRouter(include_in_schema=False)
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


@router.get("/ui")
async def ui_root() -> Response:
    return RedirectResponse("/ui/", 307)


@router.get("/ui/assets/{name:path}")
async def asset(name: str, request: Request) -> Response:
    try:
        found = load_site().assets[name]
    except (SiteMissing, KeyError):
        raise not_found() from None
    headers = {**_HEADERS, "ETag": found.tag, "Cache-Control": _FOR_EVER}
    # A worker has a policy of its own: that of its file.
    headers["Content-Security-Policy"] = content_security_policy(None)
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.get("/ui/{path:path}")
async def page(path: str, request: Request) -> Response:
    """Deep links answer with the same page, which reads its address; those without tenant get one."""
    if path.partition("/")[0] in _TENANTLESS:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/ui/main/{path}{query}", 307)
    nonce = secrets.token_urlsafe(16)
    try:
        return _html(load_site().page.replace(NONCE, nonce), 200, nonce)
    except SiteMissing as missing:
        return _html(_MISSING.format(reason=escape(str(missing))), 503, nonce)


def _html(text: str, status: int, nonce: str) -> Response:
    headers = {
        **_HEADERS,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": content_security_policy(nonce),
    }
    return HTMLResponse(text, status, headers)
