"""Routes that repeat executions: from the beginning, from a task, with other inputs, on another revision."""

from __future__ import annotations

from secrets import randbits

from fastapi import APIRouter, Request, Response

from contracts.execution import StartExecution
from contracts.scalars import JsonObject, base62
from services.web.core.live import Live
from services.web.core.parameter import flag, whole_number
from services.web.core.problem import illegal_state, invalid_entity, not_found
from services.web.core.rows import ExecutionRow
from services.web.core.write.action import mark
from services.web.core.write.given import Owner
from services.web.core.write.replay import REPLAYED, Repetition, replay, restart_anew
from services.web.core.write.start import breakpoints
from services.web.http.answer import answer
from services.web.http.bulk import bulk, ids_of, is_execution, selected
from services.web.http.execute import execute, given_values, kept, resolve
from services.web.http.parts import Parts, page_of, parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Execution actions"])


@router.post("/replay/by-ids")
async def replay_by_ids(request: Request) -> Response:
    return await _replay_all(request, await ids_of(request))


@router.post("/replay/by-query")
async def replay_by_query(request: Request) -> Response:
    return await _replay_all(request, await selected(request, frozenset({"latestRevision"})))


@router.post("/{execution}/actions/replay")
async def replay_one(execution: str, request: Request) -> Response:
    return await _replay(execution, request, with_inputs=False)


@router.post("/{execution}/replay")
async def replay_older(execution: str, request: Request) -> Response:
    if not await is_execution(execution, request):
        return await execute(execution, "replay", request)
    return await _replay(execution, request, with_inputs=False)


@router.post("/{execution}/actions/replay-with-inputs")
async def replay_with_inputs(execution: str, request: Request) -> Response:
    return await _replay(execution, request, with_inputs=True)


@router.post("/{execution}/replay-with-inputs")
async def replay_with_inputs_older(execution: str, request: Request) -> Response:
    if not await is_execution(execution, request):
        return await execute(execution, "replay-with-inputs", request)
    return await _replay(execution, request, with_inputs=True)


async def restart_on(execution: str, request: Request, revision: int) -> Live:
    """Run what failed again on another revision, as another execution."""
    parts = parts_of(request)
    row = await _row(parts, execution)
    _check_flow(parts, row, revision)
    change = Repetition(base62(randbits(128)), now_ms(), parts.table.position, revision)
    return await _start(parts, restart_anew(row, change))


async def _replay(execution: str, request: Request, *, with_inputs: bool) -> Response:
    parts = parts_of(request)
    params = request.query_params
    stops = breakpoints(params.get("breakpoints"))
    row = await _row(parts, execution)
    revision = whole_number(params.get("revision"), name="revision")
    _check_flow(parts, row, revision)
    new_id = base62(randbits(128))
    inputs = await _inputs(parts, row, revision, request, new_id) if with_inputs else None
    change = Repetition(
        new_id,
        now_ms(),
        parts.table.position,
        revision,
        params.get("taskRunId") or None,
        inputs,
        stops,
    )
    live = await _start(parts, replay(row, change))
    await parts.actions.act(mark({REPLAYED: "true"}), row.id)
    return answer(page_of(parts, live, parts.lens(request.scope)))


async def _inputs(
    parts: Parts, row: ExecutionRow, revision: int | None, request: Request, new_id: str
) -> JsonObject:
    """Raises Problem for inputs that do not fit."""
    plan = parts.table.plan(row.namespace, row.flow_id, revision if revision is not None else row.revision)
    assert plan is not None  # the flow was checked
    given, files = await given_values(plan.flow.inputs, request, Owner(row.namespace, row.flow_id, new_id))
    violations = resolve(plan.flow, given).violations
    if violations:
        raise invalid_entity("\n".join(violation.message for violation in violations))
    for uri, file in files.items():
        await parts.files.keep(uri, file.file)
    return kept(parts, plan.flow.inputs, given)


async def _replay_all(request: Request, ids: list[str]) -> Response:
    """Nothing is repeated unless all can be."""
    parts = parts_of(request)
    latest = flag(request.query_params.get("latestRevision"), name="latestRevision", default=False)
    rows = [await _row(parts, execution) for execution in dict.fromkeys(ids)]
    starts = []
    for row in rows:
        newest = parts.table.get(row.namespace, row.flow_id) if latest else None
        revision = newest.revision if newest is not None else None
        _check_flow(parts, row, revision)
        starts.append(
            replay(row, Repetition(base62(randbits(128)), now_ms(), parts.table.position, revision))
        )
    for start in starts:
        await parts.starts.submit(start)
    await parts.actions.act_on_all(mark({REPLAYED: "true"}), [row.id for row in rows])
    return bulk(len(rows))


async def _start(parts: Parts, command: StartExecution) -> Live:
    live = await parts.starts.start(command, wait=False)
    return live if live is not None else await parts.executions.get(command.execution_id)


async def _row(parts: Parts, execution: str) -> ExecutionRow:
    row = await parts.executions.row(execution)
    if row is None:
        raise not_found()
    return row


def _check_flow(parts: Parts, row: ExecutionRow, revision: int | None) -> None:
    wanted = revision if revision is not None else row.revision
    if parts.table.get(row.namespace, row.flow_id, wanted) is None:
        raise not_found("Requested Flow is not found.")
    plan = parts.table.plan(row.namespace, row.flow_id, wanted)
    if plan is None:
        raise illegal_state("Requested Flow is not valid.")
    if plan.flow.disabled:
        raise illegal_state("Requested Flow is disabled.")
