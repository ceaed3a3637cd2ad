"""Routes that evaluate an expression on an execution, or on one of its task runs."""

from __future__ import annotations

from functools import partial
from secrets import randbits

from fastapi import APIRouter, Request, Response

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.trigger_start import flow_variables
from contracts.scalars import JsonObject, to_datetime
from services.web.core.evaluation import evaluated, rendered
from services.web.core.live import Live, LiveTaskRun
from services.web.core.problem import invalid_argument, not_found
from services.web.core.view.variables import variables_of
from services.web.http.answer import answer
from services.web.http.body import json_object
from services.web.http.parts import parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])
expressions_router = APIRouter(prefix="/api/v1/main/expressions", tags=["Executions"])
MOST_EXPRESSIONS = 500


@router.post("/{execution}/actions/eval")
async def of_execution(execution: str, request: Request) -> Response:
    return await _evaluated(request, await parts_of(request).executions.get(execution), None)


@router.post("/{execution}/actions/eval/{task_run}")
async def of_task_run(execution: str, task_run: str, request: Request) -> Response:
    live = await parts_of(request).executions.get(execution)
    return await _evaluated(request, live, _run(live, task_run))


@expressions_router.post("/render")
async def render(request: Request) -> Response:
    """What is not known stays as it is written."""
    body = await json_object(request)
    expressions = body.get("expressions")
    if not isinstance(expressions, list) or not all(isinstance(each, str) for each in expressions):
        raise invalid_argument("`expressions` must be a list of texts")
    if len(expressions) > MOST_EXPRESSIONS:
        raise invalid_argument(f"at most {MOST_EXPRESSIONS} expressions are rendered at once")
    variables = await _variables(request, body)
    return answer(rendered(expressions, variables, to_datetime(now_ms()), randbits(64)))


async def _variables(request: Request, body: JsonObject) -> JsonObject:
    parts = parts_of(request)
    if isinstance(body.get("executionId"), str):
        live = await parts.executions.get(body["executionId"])
        task_run = body.get("taskRunId")
        return _seen(request, live, _run(live, task_run) if isinstance(task_run, str) else None)
    if isinstance(body.get("flow"), str):
        flow = (await parts.reading.read(body["flow"], partial(parse_flow, catalog=None))).flow
        if flow is None:
            raise invalid_argument("the flow cannot be read")
        return flow_variables(flow)
    if body.get("namespace") is None and body.get("flowId") is None:
        return {}
    plan = parts.table.plan(str(body.get("namespace")), str(body.get("flowId")))
    if plan is None:
        raise not_found("Requested Flow is not found.")
    return flow_variables(plan.flow)


async def _evaluated(request: Request, live: Live, run: LiveTaskRun | None) -> Response:
    try:
        expression = (await request.body()).decode()
    except UnicodeDecodeError:
        raise invalid_argument("the expression is not UTF-8") from None
    variables = _seen(request, live, run)
    return answer(evaluated(expression, variables, to_datetime(now_ms()), randbits(64)))


def _seen(request: Request, live: Live, run: LiveTaskRun | None) -> JsonObject:
    plan = parts_of(request).table.plan(live.namespace, live.flow_id, live.revision)
    node = plan.nodes.get(run.task_id) if plan is not None and run is not None else None
    return variables_of(
        live,
        plan.flow.variables if plan is not None else {},
        run,
        node.task.type if node is not None else None,
    )


def _run(live: Live, task_run: str) -> LiveTaskRun:
    run = live.task_runs.get(task_run)
    if run is None:
        raise not_found(f"TaskRun '{task_run[:64]}' of this execution")
    return run
