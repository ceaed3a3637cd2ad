"""The page at ``/ui``: static files of this package. It knows no data; what it shows it asks the API for."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from services.web.core.problem import not_found

router = APIRouter(include_in_schema=False)
_TENANTLESS = frozenset({"executions", "flows", "login"})
_TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "html": "text/html"}
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    # No text can become markup in this page, not even by a mistake of its own.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Asset(NamedTuple):
    content: bytes
    media_type: str
    tag: str


@router.get("/ui")
async def ui_root() -> Response:
    return RedirectResponse("/ui/", 307)


@router.get("/ui/assets/{name}")
async def asset(name: str, request: Request) -> Response:
    found = _assets().get(name)
    if found is None:
        raise not_found()
    return _served(found, request)


@router.get("/ui/{path:path}")
async def page(path: str, request: Request) -> Response:
    """Deep links answer with the same page, which reads its address; those without tenant get one."""
    if path.partition("/")[0] in _TENANTLESS:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/ui/main/{path}{query}", 307)
    return _served(_page(), request)


def _served(found: _Asset, request: Request) -> Response:
    headers = {**_HEADERS, "ETag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


@cache
def _page() -> _Asset:
    return _asset("html", files("services.web.ui").joinpath("index.html").read_bytes())


@cache
def _assets() -> dict[str, _Asset]:
    """By name, so that no address can lead elsewhere."""
    folder = files("services.web.ui").joinpath("assets")
    return {
        entry.name: _asset(entry.name.rpartition(".")[2], entry.read_bytes())
        for entry in folder.iterdir()
        if entry.name.rpartition(".")[2] in _TYPES
    }


def _asset(suffix: str, content: bytes) -> _Asset:
    return _Asset(content, _TYPES[suffix], f'"{sha256(content).hexdigest()[:24]}"')
