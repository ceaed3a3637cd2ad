"""Routes that search and replace in the sources of flows."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.registry import FlowState
from contracts.scalars import JsonObject
from services.web.core.problem import Problem, invalid_argument, not_found
from services.web.core.view.flow import flow_page
from services.web.core.write.flow import Sourced, read_flow, refusal, same_flow
from services.web.core.write.replacing import Replacing, changed_lines, replaced, replacing_of
from services.web.http.answer import answer
from services.web.http.body import json_object
from services.web.http.flow_write import saved_row
from services.web.http.parts import Parts, parts_of

router = APIRouter(prefix="/api/v1/main/flows/source/replace", tags=["Flows"])
MOST_FLOWS = 1_000


@router.post("/preview")
async def preview(request: Request) -> Response:
    body = await json_object(request)
    wanted, namespace = replacing_of(body), body.get("namespace")
    found: list[JsonObject] = []
    for state in parts_of(request).table.latest():
        if not namespace or f"{state.namespace}.".startswith(f"{namespace}."):
            changes = changed_lines(state.source, wanted)
            if changes:
                head = {"namespace": state.namespace, "id": state.flow_id, "editable": True}
                found.append({**head, "matches": changes})
        await asyncio.sleep(0)  # searching all flows takes a while, so let other requests run in between
    total = sum(len(each["matches"]) for each in found)
    counts = {"totalMatches": total, "totalFlows": len(found), "editableFlowCount": len(found)}
    return answer({**counts, "flows": found})


@router.post("/apply")
async def apply(request: Request) -> Response:
    parts, body = parts_of(request), await json_object(request)
    wanted, keys = replacing_of(body), _keys(body.get("flows"))
    done = await asyncio.gather(*(_applied(parts, key, wanted) for key in keys))
    return answer(
        {
            "updated": [each for each in done if "reason" not in each],
            "skipped": [each for each in done if "reason" in each],
        }
    )


@router.post("/line")
async def replace_line(request: Request) -> Response:
    parts, body = parts_of(request), await json_object(request)
    wanted, line = replacing_of(body), body.get("line")
    ((namespace, flow_id),) = _keys([body])
    if not isinstance(line, int) or isinstance(line, bool) or line < 1:
        raise invalid_argument("`line` must be a number from 1")
    if body.get("column"):
        raise invalid_argument("`column` is not supported: all matches of the line are replaced")
    state = parts.table.get(namespace, flow_id)
    if state is None:
        raise not_found()
    source = replaced(state.source, wanted, line)
    if source == state.source:
        raise invalid_argument(f"line {line} does not match, or would not change")
    return answer(await _saved(parts, state, await _read(parts, state, source)))


async def _applied(parts: Parts, key: tuple[str, str], wanted: Replacing) -> JsonObject:
    """The flow as saved, or why it was left as it is."""
    skipped: JsonObject = {"namespace": key[0], "id": key[1]}
    state = parts.table.get(*key)
    if state is None:
        return {**skipped, "reason": "NOT_FOUND"}
    if not changed_lines(state.source, wanted):
        return {**skipped, "reason": "NO_MATCH"}
    source = replaced(state.source, wanted)
    if source == state.source:
        return {**skipped, "reason": "NO_CHANGE"}
    try:
        flow = await _read(parts, state, source)
    except Problem as problem:
        return {**skipped, "reason": "INVALID_FLOW", "message": problem.detail}
    try:
        return await _saved(parts, state, flow)
    except Problem as problem:
        return {**skipped, "reason": "UNKNOWN", "message": problem.detail}


async def _read(parts: Parts, state: FlowState, source: str) -> Sourced:
    """Raises Problem 422, also for a flow that would become another."""
    flow = await parts.reading.read(source, partial(read_flow, catalog=parts.catalog))
    same_flow(flow, state.namespace, state.flow_id)
    return flow


async def _saved(parts: Parts, state: FlowState, flow: Sourced) -> JsonObject:
    """Only on top of the revision that was read. Raises Problem."""
    reply = (await parts.flows.put([flow], "update", expected_revision=state.revision))[0]
    problem = refusal(reply)
    if problem is not None:
        raise problem
    return flow_page(saved_row(parts, flow, reply), source=True)


def _keys(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_FLOWS:
        raise invalid_argument(f"`flows` must be a list of 1 to {MOST_FLOWS} flows")
    keys = [(each.get("namespace"), each.get("id")) for each in value if isinstance(each, dict)]
    found = [(str(namespace), str(flow_id)) for namespace, flow_id in keys if namespace and flow_id]
    if len(found) != len(value):
        raise invalid_argument("a flow is named by `namespace` and `id`")
    return list(dict.fromkeys(found))
