"""The documentation at ``/docs``: static files that ``make docs`` builds into ``services/web/docs``, open to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse, RedirectResponse

from services.web.http.answer import NO_STORE

_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    # The theme sets sizes in style attributes. No text of a user is ever on these pages.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOT_BUILT = (
    "The documentation was not built into this installation. `make docs` builds it; then start web again.\n"
)
NO_PAGE = "There is no such page in the documentation. It begins at /docs/\n"


class _File(NamedTuple):
    content: bytes
    media_type: str
    tag: str


class Site:
    """The files below a folder, by their paths in it: no address can lead anywhere else."""

    def __init__(self, folder: Traversable) -> None:
        self._entries = dict(_below(folder, "")) if folder.is_dir() else {}
        self._read: dict[str, _File] = {}

    @property
    def built(self) -> bool:
        return "index.html" in self._entries

    def has(self, path: str) -> bool:
        return path in self._entries

    def read(self, path: str) -> _File:
        found = self._read.get(path)
        if found is None:
            content = self._entries[path].read_bytes()
            tag = f'"{sha256(content).hexdigest()[:24]}"'
            found = self._read[path] = _File(content, _TYPES[path.rpartition(".")[2]], tag)
        return found


def docs_router(folder: Traversable) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    site = Site(folder)

    @router.get("/docs")
    async def docs_root() -> Response:
        return RedirectResponse("/docs/", 307)

    @router.get("/docs/{path:path}")
    async def docs_file(path: str, request: Request) -> Response:
        if not site.built:
            return PlainTextResponse(NOT_BUILT, 404, NO_STORE)
        if site.has(f"{path}/index.html"):
            # Without the last slash the relative links of the page would lead elsewhere.
            return RedirectResponse(f"/docs/{path}/", 307)
        name = f"{path}index.html" if path.endswith("/") or not path else path
        if not site.has(name):
            return PlainTextResponse(NO_PAGE, 404, NO_STORE)
        return _served(site.read(name), request)

    return router


def _served(found: _File, request: Request) -> Response:
    headers = {**_HEADERS, "ETag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            yield prefix + entry.name, entry
