"""Routes to act on one execution or many, in the paths of both generations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from contracts.states import ENDED, State
from services.web.core.live import Live
from services.web.core.parameter import flag, whole_number
from services.web.core.problem import Problem, bad_request, invalid_argument, invalid_json
from services.web.core.write.action import (
    FORCE_RUN,
    KILL,
    PAUSE,
    RESTART,
    Action,
    change_status,
    resume,
    resume_from_breakpoint,
    set_labels,
    set_state,
    unqueue,
)
from services.web.core.write.label import read_labels
from services.web.core.write.start import breakpoints
from services.web.http.answer import answer
from services.web.http.body import json_object
from services.web.http.bulk import bulk, checked_ids, ids_of, is_execution, is_id, older, selected
from services.web.http.execute import execute
from services.web.http.guard import caller_of
from services.web.http.parts import page_of, parts_of
from services.web.http.replay import restart_on
from services.web.http.resume import resume_action

router = APIRouter(prefix="/api/v1/main/executions", tags=["Execution actions"])
One = Callable[[Request, str], Awaitable[Action]]
Many = Callable[[Request], Awaitable[Action]]
Ids = Callable[[Request], Awaitable[list[str]]]
_UNQUEUED = frozenset({State.RUNNING, State.CANCELLED, State.FAILED})
_FINAL = ENDED - {State.SKIPPED}


@dataclass(frozen=True, slots=True)
class Act:
    """The routes of one action."""

    one: One
    many: Many | None = None
    """None: it is for one execution at a time."""
    older_status: int = 200
    """Of the path of 1.x. 204 has no body."""
    method: str = "POST"
    parameters: frozenset[str] = frozenset()
    """Those of the by-query route that belong to the action, not to the selection."""
    ids: Ids = ids_of
    """Reads the ids of the by-ids route."""
    many_of_ids: Many | None = None
    """The action of the by-ids route, where it is not that of the by-query route."""


def _always(action: Action) -> tuple[One, Many]:
    async def one(_request: Request, _execution: str) -> Action:
        return action

    async def many(_request: Request) -> Action:
        return action

    return one, many


async def _resume_many(request: Request) -> Action:
    return resume({}, caller_of(request).name)


async def _resume_from_breakpoint(request: Request, _: str) -> Action:
    return resume_from_breakpoint(breakpoints(request.query_params.get("breakpoints")))


async def _unqueue(request: Request, _: str = "") -> Action:
    params = request.query_params
    return unqueue(_state(params.get("newState") or params.get("state") or "RUNNING", _UNQUEUED))


async def _change_status(request: Request, _: str = "") -> Action:
    params = request.query_params
    status = params.get("newStatus") or params.get("status")
    if not status:
        raise bad_request("`status` is required")
    state = _state(status, frozenset(State))
    if state not in _FINAL:
        raise invalid_argument("You can only change the state of an execution to a terminal state.")
    return change_status(state)


async def _set_state(request: Request, _: str) -> Action:
    body = await json_object(request)
    task_run_id, state = body.get("taskRunId"), body.get("state")
    if not isinstance(task_run_id, str) or not isinstance(state, str):
        raise invalid_argument("`taskRunId` and `state` are required")
    return set_state(task_run_id, _state(state, ENDED))


async def _set_labels(request: Request, _: str) -> Action:
    return set_labels(read_labels(await _json(request)), merge=False)


async def _merge_labels(request: Request) -> Action:
    return set_labels(read_labels(await _json(request)), merge=True)


async def _merge_labels_of_ids(request: Request) -> Action:
    return set_labels(read_labels((await json_object(request)).get("executionLabels")), merge=True)


async def _labelled_ids(request: Request) -> list[str]:
    ids = (await json_object(request)).get("executionsId")
    if not isinstance(ids, list) or not all(map(is_id, ids)):
        raise invalid_argument("`executionsId` must be a list of execution ids")
    return checked_ids(ids)


async def _json(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid_json(str(error)) from error


def _state(text: str, allowed: frozenset[State]) -> State:
    name = "CANCELLED" if text.upper() == "CANCELED" else text.upper()
    if name not in {state.value for state in allowed}:
        raise invalid_argument(f"`{text[:40]}` must be one of {', '.join(sorted(allowed))}")
    return State(name)


ACTS: Mapping[str, Act] = {
    "kill": Act(*_always(KILL), older_status=202, method="DELETE"),
    "restart": Act(*_always(RESTART)),
    "pause": Act(*_always(PAUSE), older_status=204),
    "resume": Act(resume_action, _resume_many, older_status=204),
    "resume-from-breakpoint": Act(_resume_from_breakpoint),
    "force-run": Act(*_always(FORCE_RUN)),
    "unqueue": Act(_unqueue, _unqueue, parameters=frozenset({"newState", "state"})),
    "change-status": Act(_change_status, _change_status, parameters=frozenset({"newStatus"})),
    "state": Act(_set_state),
    "labels": Act(_set_labels, _merge_labels, ids=_labelled_ids, many_of_ids=_merge_labels_of_ids),
}


def _add(name: str, act: Act) -> None:
    async def by_ids(request: Request) -> Response:
        make = act.many_of_ids or act.many
        assert make is not None
        ids = await act.ids(request)
        return bulk(await parts_of(request).actions.act_on_all(await make(request), ids))

    async def by_query(request: Request) -> Response:
        assert act.many is not None
        action = await act.many(request)
        chosen = await selected(request, act.parameters)
        return bulk(await parts_of(request).actions.act_on_all(action, chosen))

    async def one(execution: str, request: Request) -> Response:
        parts = parts_of(request)
        return answer(page_of(parts, await _act(name, act, execution, request), parts.lens(request.scope)))

    async def one_older(execution: str, request: Request) -> Response:
        """If an execution has this id, act on it. Otherwise execute the flow of this name in the namespace of this name."""
        if act.method == "POST" and not await is_execution(execution, request):
            return await execute(execution, name, request)
        try:
            done = await one(execution, request)
        except Problem as problem:
            raise older(problem) from problem
        if act.older_status == 204:
            return Response(status_code=204)
        done.status_code = act.older_status
        return done

    paths = [(f"/{{execution}}/actions/{name}", one), (f"/{{execution}}/{name}", one_older)]
    if act.many is not None:
        router.add_api_route(f"/{name}/by-ids", by_ids, methods=[act.method])
        router.add_api_route(f"/{name}/by-query", by_query, methods=[act.method])
    for path, route in paths:
        router.add_api_route(path, route, methods=[act.method])


for _name, _each in ACTS.items():
    _add(_name, _each)


async def _act(name: str, act: Act, execution: str, request: Request) -> Live:
    parts = parts_of(request)
    revision = whole_number(request.query_params.get("revision"), name="revision")
    if name == "restart" and revision is not None:
        live = await parts.executions.get(execution)
        if revision != live.revision:
            parts.actions.check(RESTART, live)
            return await restart_on(execution, request, revision)
    cascade = flag(request.query_params.get("isOnKillCascade"), name="isOnKillCascade", default=True)
    strict = act.method != "DELETE" or not cascade
    action = await act.one(request, execution)
    return await parts.actions.act(action, execution, strict=strict)
