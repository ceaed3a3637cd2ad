"""What routes that act on many executions share: their ids, their selection, their answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from services.web.core.problem import Problem, bad_request
from services.web.http.answer import answer
from services.web.http.body import json_list
from services.web.http.parts import parts_of
from services.web.http.selection import check_size, selection

MAX_BULK = 10_000


async def is_execution(execution: str, request: Request) -> bool:
    """Whether an execution has this id. Then an action's older path is about it, and not about a flow of a namespace."""
    looks_like_id = len(execution) >= 16 and execution.isascii() and execution.isalnum()
    return looks_like_id and await parts_of(request).executions.find(execution) is not None


def older(problem: Problem) -> Problem:
    """In 1.x, a state that does not allow the action was a 422."""
    return Problem(422, "invalid-argument", problem.detail) if problem.status == 409 else problem


def bulk(count: int) -> Response:
    return answer({"count": count, "totalItems": count, "operationId": uuid4().hex})


async def selected(request: Request, besides: frozenset[str] = frozenset()) -> list[str]:
    """``besides`` are parameters of the action itself."""
    rows, total = await parts_of(request).rows.search_executions(
        selection(request, besides=("dateFilter", *besides))
    )
    check_size(total)
    return [row.id for row in rows]


async def ids_of(request: Request) -> list[str]:
    return checked_ids(await json_list(request, is_id, "execution ids"))


def checked_ids(ids: list[str]) -> list[str]:
    if not ids:
        raise bad_request("the list of ids is empty")
    if len(ids) > MAX_BULK:
        raise bad_request(f"more than {MAX_BULK} ids at once")
    return ids


def is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64
