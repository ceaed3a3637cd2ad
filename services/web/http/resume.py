"""What a paused task asks for: reads and checks the inputs of a resume."""

from __future__ import annotations

from secrets import randbits

from fastapi import APIRouter, Request, Response

from contracts.language.expression.impure import PORTS_ELSEWHERE
from contracts.language.flow.input import InputResolution, resolve_inputs
from contracts.language.types.input.common import Input
from contracts.scalars import JsonObject, to_datetime
from contracts.states import State
from services.web.core.live import Live
from services.web.core.problem import conflict, invalid_entity
from services.web.core.write.action import Action, not_resumable, resume
from services.web.core.write.given import Owner
from services.web.core.write.rendering import input_scope
from services.web.http.answer import answer
from services.web.http.execute import given_values, input_line, kept
from services.web.http.guard import caller_of
from services.web.http.parts import Parts, parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Execution actions"])


async def resume_action(request: Request, execution: str) -> Action:
    """Raises Problem for inputs that do not fit."""
    parts = parts_of(request)
    live = await parts.executions.get(execution)
    if not_resumable(live):
        return resume({}, caller_of(request).name)
    asks = asked(parts, live)
    given, files = await given_values(asks, request, _owner(live))
    violations = _resolve(parts, live, asks, given).violations
    if violations:
        raise invalid_entity("\n".join(violation.message for violation in violations))
    for uri, file in files.items():
        await parts.files.keep(uri, file.file)
    return resume(kept(parts, asks, given), caller_of(request).name)


@router.post("/{execution}/actions/resume/validate")
async def validate(execution: str, request: Request) -> Response:
    parts = parts_of(request)
    live = await parts.executions.get(execution)
    refusal = not_resumable(live)
    if refusal:
        raise conflict(refusal)
    asks = asked(parts, live)
    given, _ = await given_values(asks, request, _owner(live))
    resolution = _resolve(parts, live, asks, given)
    return answer(
        {
            "id": live.flow_id,
            "namespace": live.namespace,
            "inputs": [
                input_line(each, each.input.model_dump(mode="json", by_alias=True, exclude_none=True))
                for each in resolution.inputs
            ],
            "checks": [],
        }
    )


@router.post("/{execution}/resume/validate")
async def validate_older(execution: str, request: Request) -> Response:
    return await validate(execution, request)


def asked(parts: Parts, live: Live) -> tuple[Input, ...]:
    """The inputs that the first paused task run asks for."""
    plan = parts.table.plan(live.namespace, live.flow_id, live.revision)
    if plan is None:
        return ()
    for run in live.task_runs.values():
        node = plan.nodes.get(run.task_id)
        flowable = node.flowable if node is not None else None
        if (
            run.state is State.PAUSED
            and node is not None
            and flowable is not None
            and flowable.after_round is None
        ):
            return node.task.asks
    return ()


def _owner(live: Live) -> Owner:
    return Owner(live.namespace, live.flow_id, live.id)


def _resolve(parts: Parts, live: Live, asks: tuple[Input, ...], given: JsonObject) -> InputResolution:
    plan = parts.table.plan(live.namespace, live.flow_id, live.revision)
    assert plan is not None or not asks
    if plan is None:
        return InputResolution({}, (), (), ())
    return resolve_inputs(
        asks, given, input_scope(plan.flow, to_datetime(now_ms()), randbits(32), PORTS_ELSEWHERE)
    )
