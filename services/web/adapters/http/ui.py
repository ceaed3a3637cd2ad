"""The page at ``/ui``: static files of this package. It knows no data; what it shows it asks the API for."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

router = APIRouter(include_in_schema=False)
_TENANTLESS = frozenset({"executions", "flows"})


@router.get("/ui")
async def ui_root() -> Response:
    return RedirectResponse("/ui/", 307)


@router.get("/ui/{path:path}")
async def page(path: str) -> Response:
    """Deep links answer with the same page, which reads its address; those without tenant get one."""
    if path.partition("/")[0] in _TENANTLESS:
        return RedirectResponse(f"/ui/main/{path}", 307)
    content = files("services.web.ui").joinpath("index.html").read_bytes()
    return Response(content, media_type="text/html", headers={"Cache-Control": "no-cache"})
