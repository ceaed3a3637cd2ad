"""Routes that start executions and list what can be started."""

from __future__ import annotations

from secrets import randbits

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from contracts.execution import History, StartExecution
from contracts.language.flow.input import InputResolution, ResolvedInput, resolve_inputs
from contracts.language.flow.model import Flow
from contracts.registry import FlowState
from contracts.scalars import JsonObject, to_datetime
from contracts.states import State
from contracts.trace import TRACE_HEADER, trace_parent
from services.web.core.live import Live
from services.web.core.problem import illegal_state, invalid_entity, not_found
from services.web.core.view.execution import execution_url
from services.web.core.view.flow import flow_for_execution, input_view
from services.web.core.write.rendering import input_scope
from services.web.core.write.start import Target, execution_id, start_by_hand, start_options
from services.web.http.answer import answer
from services.web.http.body import texts_and_files
from services.web.http.parts import Parts, page_of, parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])


@router.get("/namespaces")
async def namespaces(request: Request) -> Response:
    return answer(await parts_of(request).rows.distinct_namespaces())


@router.get("/namespaces/{namespace}/flows")
async def flows_of(namespace: str, request: Request) -> Response:
    found = [state for state in parts_of(request).table.latest() if state.namespace == namespace]
    return answer(
        [
            flow_for_execution(s.namespace, s.flow_id, s.revision, s.source)
            for s in sorted(found, key=_flow_id)
        ]
    )


@router.get("/flows/{namespace}/{flow_id}")
async def flow_form(namespace: str, flow_id: str, request: Request) -> Response:
    options = start_options(query_items(request))
    state = _known_flow(parts_of(request), namespace, flow_id, options.revision)
    return answer(flow_for_execution(namespace, flow_id, state.revision, state.source))


@router.post("/trigger/{namespace}/{flow_id}")
async def execute_older(namespace: str, flow_id: str, request: Request) -> Response:
    return await execute(namespace, flow_id, request)


@router.post("/{namespace}/{flow_id}/validate")
async def validate(namespace: str, flow_id: str, request: Request) -> Response:
    parts = parts_of(request)
    options = start_options(query_items(request))
    flow = _runnable_flow(parts, namespace, flow_id, options.revision)
    texts, _ = await texts_and_files(request)
    resolution = _resolve(flow, texts)
    declared = {item.get("id"): item for item in _declared(parts, flow)}
    return answer(
        {
            "id": flow_id,
            "namespace": namespace,
            "inputs": [input_line(each, declared.get(each.input.id)) for each in resolution.inputs],
            "checks": [],
        }
    )


@router.post("/{namespace}/{flow_id}")
async def execute(namespace: str, flow_id: str, request: Request) -> Response:
    parts = parts_of(request)
    options = start_options(query_items(request))
    flow = _runnable_flow(parts, namespace, flow_id, options.revision)
    texts, files = await texts_and_files(request)
    _no_files(flow, files)
    resolution = _resolve(flow, texts)
    if resolution.violations:
        raise invalid_entity("\n".join(violation.message for violation in resolution.violations))
    at = now_ms()
    key = request.headers.get("idempotency-key")
    new_id = execution_id(randbits(128), key, namespace, flow_id)
    trace = trace_parent(request.headers.get(TRACE_HEADER))
    target = Target(namespace, flow_id, new_id, at, parts.table.position, flow.revision, trace)
    command = start_by_hand(target, _declared_only(flow, texts), options)
    live = await parts.starts.start(command, wait=options.wait, repeatable=key is not None)
    if live is None:
        # The start is appended and will happen, but the executor has not reacted in time.
        live = _accepted(command, flow.revision or 0)
    lens = parts.lens(request.scope)
    page = page_of(parts, live, lens)
    page["url"] = execution_url(live.id, namespace, flow_id, lens)
    return answer(page)


def _known_flow(parts: Parts, namespace: str, flow_id: str, revision: int | None) -> FlowState:
    state = parts.table.get(namespace, flow_id, revision)
    if state is None:
        raise not_found("Requested Flow is not found.")
    return state


def _runnable_flow(parts: Parts, namespace: str, flow_id: str, revision: int | None) -> Flow:
    state = _known_flow(parts, namespace, flow_id, revision)
    plan = parts.table.plan(namespace, flow_id, state.revision)
    if plan is None:
        raise illegal_state("Requested Flow is not valid.")
    if plan.flow.disabled:
        raise illegal_state("Requested Flow is disabled.")
    return plan.flow


def _resolve(flow: Flow, texts: dict[str, str]) -> InputResolution:
    given: JsonObject = dict(texts)
    return resolve_inputs(flow.inputs, given, input_scope(flow, to_datetime(now_ms()), randbits(32), {}))


def _declared_only(flow: Flow, texts: dict[str, str]) -> JsonObject:
    """Leave out values that are not declared, because they are ignored anyway."""
    names = {declared.id for declared in flow.inputs}
    return {name: value for name, value in texts.items() if name in names}


def _no_files(flow: Flow, files: dict[str, UploadFile]) -> None:
    for declared in flow.inputs:
        if declared.id in files:
            raise invalid_entity(
                f"Invalid value for input `{declared.id}`. Cause: files as inputs are not supported by this version"
            )


def _declared(parts: Parts, flow: Flow) -> list[JsonObject]:
    state = parts.table.get(flow.namespace, flow.id, flow.revision)
    if state is None:
        return []
    inputs: list[JsonObject] = flow_for_execution(flow.namespace, flow.id, 0, state.source)["inputs"]
    return inputs


def input_line(resolved: ResolvedInput, declared: JsonObject | None) -> JsonObject:
    shown = (
        declared
        if declared is not None
        else input_view({"id": resolved.input.id, "type": resolved.input.type})
    )
    line: JsonObject = {"input": shown}
    if resolved.enabled and resolved.value is not None:
        line["value"] = resolved.value
    line |= {"enabled": resolved.enabled, "isDefault": resolved.is_default}
    line["errors"] = [{"message": message} for message in resolved.errors]
    return line


def _accepted(command: StartExecution, revision: int) -> Live:
    return Live(
        command.execution_id,
        command.namespace,
        command.flow_id,
        revision,
        0,
        [History(State.CREATED, command.at)],
        inputs=command.inputs,
        labels=command.labels,
        scheduled_at=command.scheduled_at,
        kind=command.kind,
    )


def _flow_id(state: FlowState) -> str:
    return state.flow_id
