"""The route that helps whoever writes a flow: completions and an explanation for a place, and everything that is wrong."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.scalars import JsonObject
from services.web.core.problem import invalid_argument
from services.web.http.answer import answer
from services.web.http.body import json_object
from services.web.http.parts import parts_of
from toccata.editor.completion import completions
from toccata.editor.diagnostic import diagnostics
from toccata.editor.hover import hover

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])


@router.post("/assist")
async def assist(request: Request) -> Response:
    body = await json_object(request)
    source = body.get("source")
    if not isinstance(source, str):
        raise invalid_argument("`source` must be the text of a flow")
    parts = parts_of(request)
    found: JsonObject = {"completions": [], "hover": ""}
    if body.get("line") is not None or body.get("column") is not None:
        line, column = _place(body, "line"), _place(body, "column")
        offered = await parts.reading.read(
            source, lambda text: completions(parts.language, text, line, column)
        )
        found["completions"] = [each.as_data() for each in offered]
        found["hover"] = await parts.reading.read(
            source, lambda text: hover(parts.language, text, line, column)
        )
    wrong = await parts.reading.read(source, lambda text: diagnostics(parts.catalog, text))
    found["diagnostics"] = [each.as_data() for each in wrong]
    return answer(found)


def _place(body: JsonObject, name: str) -> int:
    """Return a line or a column that counts from 0. Callers count from 1."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise invalid_argument(f"`{name}` must be a whole number from 1")
    return value - 1
