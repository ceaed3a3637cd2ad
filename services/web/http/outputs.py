"""Routes of outputs."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.web.core.problem import not_found
from services.web.core.view.execution import outputs_index
from services.web.http.answer import answer
from services.web.http.parts import parts_of

router = APIRouter(prefix="/api/v1/main/outputs", tags=["Outputs"])


@router.get("/executions/{execution}")
async def flow_outputs(execution: str, request: Request) -> Response:
    return answer((await parts_of(request).executions.get(execution)).outputs)


@router.get("/tasks/{execution}")
@router.get("/{execution}", include_in_schema=False)
async def outputs_list(execution: str, request: Request) -> Response:
    return answer(outputs_index(await parts_of(request).executions.get(execution)))


@router.get("/tasks/{execution}/{task_run}")
@router.get("/{execution}/{task_run}", include_in_schema=False)
async def task_run_outputs(execution: str, task_run: str, request: Request) -> Response:
    run = (await parts_of(request).executions.get(execution)).task_runs.get(task_run)
    if run is None:
        raise not_found()
    if run.outputs_uri is not None:
        return answer(await parts_of(request).files.outputs(run.outputs_uri))
    return answer(run.outputs)
