"""Routes that evaluate an expression on an execution, or on one of its task runs."""

from __future__ import annotations

from secrets import randbits

from fastapi import APIRouter, Request, Response

from contracts.scalars import to_datetime
from services.web.core.evaluation import evaluated
from services.web.core.live import Live, LiveTaskRun
from services.web.core.problem import invalid_argument, not_found
from services.web.core.view.variables import variables_of
from services.web.http.answer import answer
from services.web.http.parts import parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])


@router.post("/{execution}/actions/eval")
async def of_execution(execution: str, request: Request) -> Response:
    return await _evaluated(request, await parts_of(request).executions.get(execution), None)


@router.post("/{execution}/actions/eval/{task_run}")
async def of_task_run(execution: str, task_run: str, request: Request) -> Response:
    live = await parts_of(request).executions.get(execution)
    run = live.task_runs.get(task_run)
    if run is None:
        raise not_found(f"TaskRun '{task_run[:64]}' of this execution")
    return await _evaluated(request, live, run)


async def _evaluated(request: Request, live: Live, run: LiveTaskRun | None) -> Response:
    try:
        expression = (await request.body()).decode()
    except UnicodeDecodeError:
        raise invalid_argument("the expression is not UTF-8") from None
    plan = parts_of(request).table.plan(live.namespace, live.flow_id, live.revision)
    node = plan.nodes.get(run.task_id) if plan is not None and run is not None else None
    variables = variables_of(
        live,
        plan.flow.variables if plan is not None else {},
        run,
        node.task.type if node is not None else None,
    )
    return answer(evaluated(expression, variables, to_datetime(now_ms()), randbits(64)))
