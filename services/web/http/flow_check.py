"""Routes that validate one task or one trigger outside a flow."""

from __future__ import annotations

from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response

from contracts.language.flow.parse import part_violations
from contracts.language.flow.violation import message_of
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from services.web.core.problem import bad_request, invalid_entity
from services.web.core.view.expressions import expressions_of
from services.web.core.write.flow import as_yaml
from services.web.http.answer import answer
from services.web.http.parts import parts_of

router = APIRouter(prefix="/api/v1/main/flows", tags=["Flows"])


@router.post("/validate/task")
async def validate_task(request: Request) -> Response:
    section = request.query_params.get("section", "TASKS").upper()
    if section not in {"TASKS", "TRIGGERS"}:
        raise bad_request("`section` must be TASKS or TRIGGERS")
    return await _validated(request, "TASKS" if section == "TASKS" else "TRIGGERS")


@router.post("/expressions")
async def expressions(request: Request) -> Response:
    source = as_yaml(await request.body(), request.headers.get("content-type", ""))
    try:
        flow = (await parts_of(request).reading.read(source, load_document)).value
    except FlowSyntaxError as error:
        raise invalid_entity(str(error)) from error
    return answer(expressions_of(flow if isinstance(flow, dict) else {}, request.query_params.get("taskId")))


@router.post("/validate/trigger")
async def validate_trigger(request: Request) -> Response:
    return await _validated(request, "TRIGGERS")


async def _validated(request: Request, section: Literal["TASKS", "TRIGGERS"]) -> Response:
    """A bad task or trigger is not an error of the request."""
    source = as_yaml(await request.body(), request.headers.get("content-type", ""))
    parts = parts_of(request)
    check = partial(part_violations, section=section, catalog=parts.catalog)
    found = await parts.reading.read(source, check)
    line: dict[str, object] = {"index": 0, "outdated": False}
    if found:
        line["constraints"] = message_of(found)
    line |= {"deprecationPaths": [], "warnings": [], "infos": [], "violations": [v.as_data() for v in found]}
    return answer(line)
