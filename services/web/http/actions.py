"""Routes to kill and restart one execution or many, in the paths of both generations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from services.web.core.parameter import flag
from services.web.core.problem import Problem, bad_request
from services.web.http.answer import answer
from services.web.http.body import json_list
from services.web.http.execute import execute
from services.web.http.parts import page_of, parts_of
from services.web.http.selection import check_size, selection

router = APIRouter(prefix="/api/v1/main/executions", tags=["Execution actions"])
MAX_BULK = 10_000


@router.delete("/kill/by-ids")
async def kill_by_ids(request: Request) -> Response:
    return _bulk(await parts_of(request).actions.kill_all(await _ids(request)))


@router.post("/restart/by-ids")
async def restart_by_ids(request: Request) -> Response:
    return _bulk(await parts_of(request).actions.restart_all(await _ids(request)))


@router.delete("/kill/by-query")
async def kill_by_query(request: Request) -> Response:
    return _bulk(await parts_of(request).actions.kill_all(await _selected(request)))


@router.post("/restart/by-query")
async def restart_by_query(request: Request) -> Response:
    return _bulk(await parts_of(request).actions.restart_all(await _selected(request)))


@router.delete("/{execution}/actions/kill")
async def kill(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    cascade = flag(request.query_params.get("isOnKillCascade"), name="isOnKillCascade", default=True)
    live = await parts.actions.kill(execution, strict=not cascade)
    return answer(page_of(parts, live, parts.lens(request.scope)))


@router.delete("/{execution}/kill")
async def kill_older(execution: str, request: Request) -> Response:
    try:
        killed = await kill(execution, request)
    except Problem as problem:
        raise _older(problem) from problem
    killed.status_code = 202
    return killed


@router.post("/{execution}/actions/restart")
async def restart(execution: str, request: Request) -> Response:
    if request.query_params.get("revision"):
        raise bad_request("restart with another revision is not supported")
    parts = parts_of(request)
    live = await parts.actions.restart(execution)
    return answer(page_of(parts, live, parts.lens(request.scope)))


@router.post("/{execution}/restart")
async def restart_older(execution: str, request: Request) -> Response:
    """If an execution has this id, restart it. Otherwise execute the flow ``restart`` of the namespace of this name."""
    looks_like_id = len(execution) >= 16 and execution.isascii() and execution.isalnum()
    if not looks_like_id or await parts_of(request).executions.find(execution) is None:
        return await execute(execution, "restart", request)
    try:
        return await restart(execution, request)
    except Problem as problem:
        raise _older(problem) from problem


def _older(problem: Problem) -> Problem:
    """In 1.x, a state that does not allow the action was a 422."""
    return Problem(422, "invalid-argument", problem.detail) if problem.status == 409 else problem


def _bulk(count: int) -> Response:
    return answer({"count": count, "totalItems": count, "operationId": uuid4().hex})


async def _selected(request: Request) -> list[str]:
    rows, total = await parts_of(request).rows.search_executions(selection(request, besides=("dateFilter",)))
    check_size(total)
    return [row.id for row in rows]


async def _ids(request: Request) -> list[str]:
    ids = await json_list(request, _is_id, "execution ids")
    if not ids:
        raise bad_request("the list of ids is empty")
    if len(ids) > MAX_BULK:
        raise bad_request(f"more than {MAX_BULK} ids at once")
    return ids


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64
