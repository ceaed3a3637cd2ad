"""Routes to act on one execution or many, in the paths of both generations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from services.web.core.live import Live
from services.web.core.parameter import flag
from services.web.core.problem import Problem, bad_request
from services.web.core.write.action import KILL, PAUSE, RESTART, Action, resume
from services.web.http.answer import answer
from services.web.http.body import json_list
from services.web.http.execute import execute
from services.web.http.guard import caller_of
from services.web.http.parts import page_of, parts_of
from services.web.http.resume import resume_action
from services.web.http.selection import check_size, selection

router = APIRouter(prefix="/api/v1/main/executions", tags=["Execution actions"])
MAX_BULK = 10_000
One = Callable[[Request, str], Awaitable[Action]]
Many = Callable[[Request], Action]


@dataclass(frozen=True, slots=True)
class Act:
    """The routes of one action."""

    one: One
    many: Many
    older_status: int = 200
    """Of the path of 1.x. 204 has no body."""
    method: str = "POST"
    parameters: frozenset[str] = frozenset()
    """Those of the by-query route that belong to the action, not to the selection."""


def _same(action: Action) -> tuple[One, Many]:
    async def one(_request: Request, _execution: str) -> Action:
        return action

    return one, lambda _: action


async def _restart(request: Request, _: str) -> Action:
    if request.query_params.get("revision"):
        raise bad_request("restart with another revision is not supported")
    return RESTART


ACTS: Mapping[str, Act] = {
    "kill": Act(*_same(KILL), older_status=202, method="DELETE"),
    "restart": Act(_restart, lambda _: RESTART),
    "pause": Act(*_same(PAUSE), older_status=204),
    "resume": Act(resume_action, lambda request: resume({}, caller_of(request).name), older_status=204),
}


def _add(name: str, act: Act) -> None:
    async def by_ids(request: Request) -> Response:
        return _bulk(await parts_of(request).actions.act_on_all(act.many(request), await _ids(request)))

    async def by_query(request: Request) -> Response:
        chosen = await _selected(request, act.parameters)
        return _bulk(await parts_of(request).actions.act_on_all(act.many(request), chosen))

    async def one(execution: str, request: Request) -> Response:
        parts = parts_of(request)
        return answer(page_of(parts, await _act(act, execution, request), parts.lens(request.scope)))

    async def older(execution: str, request: Request) -> Response:
        """If an execution has this id, act on it. Otherwise execute the flow of this name in the namespace of this name."""
        if act.method == "POST" and not await _exists(execution, request):
            return await execute(execution, name, request)
        try:
            done = await one(execution, request)
        except Problem as problem:
            raise _older(problem) from problem
        if act.older_status == 204:
            return Response(status_code=204)
        done.status_code = act.older_status
        return done

    for path, route in (
        (f"/{name}/by-ids", by_ids),
        (f"/{name}/by-query", by_query),
        (f"/{{execution}}/actions/{name}", one),
        (f"/{{execution}}/{name}", older),
    ):
        router.add_api_route(path, route, methods=[act.method])


for _name, _each in ACTS.items():
    _add(_name, _each)


async def _act(act: Act, execution: str, request: Request) -> Live:
    cascade = flag(request.query_params.get("isOnKillCascade"), name="isOnKillCascade", default=True)
    strict = act.method != "DELETE" or not cascade
    action = await act.one(request, execution)
    return await parts_of(request).actions.act(action, execution, strict=strict)


async def _exists(execution: str, request: Request) -> bool:
    looks_like_id = len(execution) >= 16 and execution.isascii() and execution.isalnum()
    return looks_like_id and await parts_of(request).executions.find(execution) is not None


def _older(problem: Problem) -> Problem:
    """In 1.x, a state that does not allow the action was a 422."""
    return Problem(422, "invalid-argument", problem.detail) if problem.status == 409 else problem


def _bulk(count: int) -> Response:
    return answer({"count": count, "totalItems": count, "operationId": uuid4().hex})


async def _selected(request: Request, besides: frozenset[str]) -> list[str]:
    rows, total = await parts_of(request).rows.search_executions(
        selection(request, besides=("dateFilter", *besides))
    )
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
