"""Routes that list the functions and filters of expressions."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from services.web.http.answer import answer

router = APIRouter(prefix="/api/v1/pebble", tags=["Plugins"])


@router.get("/functions")
async def functions() -> Response:
    return answer(
        [
            {"name": name, "arguments": [{"name": each} for each in FUNCTIONS[name].parameters]}
            for name in sorted(FUNCTIONS)
        ]
    )


@router.get("/filters")
async def filters() -> Response:
    return answer(sorted(FILTERS))
