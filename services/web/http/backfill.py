"""Routes of backfills: create one, pause it, let it go on, delete it, for one trigger or for many."""

from __future__ import annotations

from functools import partial
from typing import Literal, TypeAlias

from fastapi import APIRouter, Request, Response

from contracts.trigger import ChangeBackfill, CreateBackfill
from services.web.core.view.trigger import trigger_state
from services.web.core.write.backfill import NewBackfill, read_backfill
from services.web.http.answer import answer
from services.web.http.body import json_object
from services.web.http.parts import parts_of
from services.web.http.trigger_keys import key_in, listed_keys, selected_keys
from services.web.shell.triggers import Asked, Key
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/triggers/backfill", tags=["Triggers"])
Change: TypeAlias = Literal["pause", "continue", "delete"]


@router.put("/create")
async def create(request: Request) -> Response:
    body = await json_object(request)
    return await create_backfill(request, key_in(body), read_backfill(body.get("backfill"), now_ms()))


async def create_backfill(request: Request, key: Key, wanted: NewBackfill) -> Response:
    def command(asked: Asked) -> CreateBackfill:
        return CreateBackfill(
            **asked, start=wanted.start, end=wanted.end, inputs=wanted.inputs, labels=wanted.labels
        )

    (row,) = await parts_of(request).triggers.tell([key], command)
    return answer(trigger_state(row))


@router.put("/pause")
async def pause(request: Request) -> Response:
    return await _one(request, "pause")


@router.put("/unpause")
async def unpause(request: Request) -> Response:
    return await _one(request, "continue")


@router.post("/delete")
async def delete(request: Request) -> Response:
    return await _one(request, "delete")


@router.post("/pause/by-triggers")
async def pause_listed(request: Request) -> Response:
    return await _many(request, "pause", await listed_keys(request))


@router.post("/pause/by-query")
async def pause_selected(request: Request) -> Response:
    return await _many(request, "pause", await selected_keys(request))


@router.post("/unpause/by-triggers")
async def unpause_listed(request: Request) -> Response:
    return await _many(request, "continue", await listed_keys(request))


@router.post("/unpause/by-query")
async def unpause_selected(request: Request) -> Response:
    return await _many(request, "continue", await selected_keys(request))


@router.post("/delete/by-triggers")
async def delete_listed(request: Request) -> Response:
    return await _many(request, "delete", await listed_keys(request))


@router.post("/delete/by-query")
async def delete_selected(request: Request) -> Response:
    return await _many(request, "delete", await selected_keys(request))


async def _one(request: Request, change: Change) -> Response:
    key = key_in(await json_object(request))
    (row,) = await parts_of(request).triggers.tell([key], partial(_command, change))
    return answer(trigger_state(row))


async def _many(request: Request, change: Change, keys: list[Key]) -> Response:
    """Triggers without a backfill are passed over."""
    triggers = parts_of(request).triggers
    rows = [await triggers.get(key) for key in dict.fromkeys(keys)]
    having = [(row.namespace, row.flow_id, row.trigger_id) for row in rows if row.backfill is not None]
    changed = await triggers.tell(having, partial(_command, change))
    return answer({"count": len(changed), "totalItems": len(changed)})


def _command(change: Change, asked: Asked) -> ChangeBackfill:
    return ChangeBackfill(**asked, change=change)
