"""Routes that start executions and list what can be started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from secrets import randbits

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from contracts.execution import History, StartExecution
from contracts.language.encrypted import MASK
from contracts.language.expression.impure import PORTS_ELSEWHERE
from contracts.language.flow.input import (
    InputResolution,
    ResolvedInput,
    is_rendering_error,
    resolve_inputs,
)
from contracts.language.flow.model import Flow
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from contracts.registry import FlowState
from contracts.scalars import JsonObject, to_datetime
from contracts.states import State
from contracts.trace import TRACE_HEADER, trace_parent
from services.web.core.live import Live
from services.web.core.problem import illegal_state, invalid_entity, not_found, too_large
from services.web.core.view.execution import execution_url
from services.web.core.view.flow import flow_for_execution, input_view
from services.web.core.write.check import FailingCheck, failing_checks
from services.web.core.write.given import Owner, declared_only, file_uris, masked, sealed, secrets_of
from services.web.core.write.rendering import input_scope
from services.web.core.write.start import Target, execution_id, start_by_hand, start_options
from services.web.http.answer import answer
from services.web.http.body import MAX_FIELD_BYTES, texts_and_files
from services.web.http.parts import Parts, page_of, parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])
_PROVISIONAL = "0" * 22
"""The execution that files would belong to, while inputs are only checked. Nothing is stored for it."""


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
    flow = await _runnable_flow(parts, namespace, flow_id, options.revision)
    given, _ = await given_values(flow.inputs, request, Owner(namespace, flow_id, _PROVISIONAL))
    resolution = resolve(flow, given)
    declared = {item.get("id"): item for item in _declared(parts, flow)}
    return answer(
        {
            "id": flow_id,
            "namespace": namespace,
            "inputs": [input_line(each, declared.get(each.input.id)) for each in resolution.inputs],
            "checks": [each.shown() for each in _failing(parts, flow, resolution, options.labels)],
        }
    )


@router.post("/{namespace}/{flow_id}")
async def execute(namespace: str, flow_id: str, request: Request) -> Response:
    parts = parts_of(request)
    options = start_options(query_items(request))
    flow = await _runnable_flow(parts, namespace, flow_id, options.revision)
    key = request.headers.get("idempotency-key")
    new_id = execution_id(randbits(128), key, namespace, flow_id)
    given, files = await given_values(flow.inputs, request, Owner(namespace, flow_id, new_id))
    resolution = resolve(flow, given)
    if resolution.violations:
        raise invalid_entity("\n".join(violation.message for violation in resolution.violations))
    failing = _failing(parts, flow, resolution, options.labels)
    secrets = secrets_of(resolution)
    blocking = [each.message for each in failing if each.behavior == "BLOCK_EXECUTION"]
    if blocking:
        raise invalid_entity(masked("\n".join(blocking), secrets))
    failure = masked(
        "\n".join(each.message for each in failing if each.behavior == "FAIL_EXECUTION"), secrets
    )
    for uri, file in files.items():
        await parts.files.keep(uri, file.file)
    at = now_ms()
    trace = trace_parent(request.headers.get(TRACE_HEADER))
    target = Target(namespace, flow_id, new_id, at, parts.table.position, flow.revision, trace)
    command = start_by_hand(target, kept(parts, flow.inputs, given), options, failure)
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


async def _runnable_flow(parts: Parts, namespace: str, flow_id: str, revision: int | None) -> Flow:
    state = _known_flow(parts, namespace, flow_id, revision)
    await parts.table.prepare(namespace, flow_id, state.revision)
    plan = parts.table.plan(namespace, flow_id, state.revision)
    if plan is None:
        raise illegal_state("Requested Flow is not valid.")
    if plan.flow.disabled:
        raise illegal_state("Requested Flow is disabled.")
    return plan.flow


async def given_values(
    inputs: Sequence[Input], request: Request, owner: Owner
) -> tuple[JsonObject, dict[str, UploadFile]]:
    """Return the values by input, and the files to store by address. Raises Problem 422 for a file that is empty or no text."""
    texts, files = await texts_and_files(request)
    given: JsonObject = dict(texts)
    names = {name: file.filename or "" for name, file in files.items()}
    uris = file_uris(inputs, names, owner)
    declared = {each.id for each in inputs}
    for name, file in files.items():
        if name in uris:
            if not file.size and not file.filename:
                raise invalid_entity(f"Invalid value for input `{name}`. Cause: the file is empty")
            given[name] = uris[name]
        elif name in declared:
            given[name] = await _content(name, file)
    return given, {uri: files[name] for name, uri in uris.items()}


def kept(parts: Parts, declared: Sequence[Input], given: JsonObject) -> JsonObject:
    """Return what a start or a resume carries of the given values: those that are declared, secrets encrypted."""
    return sealed(declared, declared_only(declared, given), parts.encrypt)


async def _content(name: str, file: UploadFile) -> str:
    """A file for an input that is no FILE stands for its text."""
    if (file.size or 0) > MAX_FIELD_BYTES:
        raise too_large(MAX_FIELD_BYTES)
    try:
        return (await file.read()).decode()
    except UnicodeDecodeError:
        raise invalid_entity(
            f"Invalid value for input `{name}`. Cause: the file is not text in UTF-8"
        ) from None


def resolve(flow: Flow, given: JsonObject) -> InputResolution:
    """Resolve what can be resolved here. What needs a worker is left to the executor."""
    return resolve_inputs(
        flow.inputs, given, input_scope(flow, to_datetime(now_ms()), randbits(32), PORTS_ELSEWHERE)
    )


def _failing(
    parts: Parts, flow: Flow, resolution: InputResolution, labels: Mapping[str, str]
) -> list[FailingCheck]:
    scope = input_scope(flow, to_datetime(now_ms()), randbits(32), parts.ports)
    return failing_checks(flow, resolution.values, labels, scope)


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
        line["value"] = MASK if INPUTS[resolved.input.type].secret else resolved.value
    line |= {"enabled": resolved.enabled, "isDefault": resolved.is_default}
    line["errors"] = [
        {"message": message, "renderError": is_rendering_error(message)} for message in resolved.errors
    ]
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
