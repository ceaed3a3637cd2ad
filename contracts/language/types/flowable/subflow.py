"""``core.flow.Subflow``: runs another flow as a child execution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from contracts.language.expression.template import Template, compile_template, is_truthy
from contracts.language.types.behaviour import (
    ChildEnd,
    ChildFlow,
    Opening,
    Rendering,
    RenderingFailed,
    Result,
)
from contracts.language.types.declaration import Children, FlowableType
from contracts.language.types.flowable.sequential import following
from contracts.language.types.label import labels_of
from contracts.language.types.property import Properties, dynamic, static, upper
from contracts.scalars import JsonObject, to_millis
from contracts.states import State


def _as_text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class Call(Properties):
    """What a task says that runs another flow."""

    namespace: str = dynamic(doc="of the flow")
    flow_id: str = dynamic(doc="the flow")
    revision: int | None = static(None, doc="of the flow; default: the latest", ge=1)
    inputs: dict[str, Any] | None = dynamic(None, doc="its inputs by name")
    labels: dict[str, Any] | list[dict[str, Any]] | None = dynamic(
        None, doc="further labels, as a map or a list of `key` and `value`"
    )
    inherit_labels: Annotated[str, BeforeValidator(_as_text)] = dynamic(
        "false", doc="whether it gets the labels of this execution"
    )
    wait: bool = static(default=True, doc="whether to wait for its end")
    transmit_failed: bool = static(
        default=True, doc="whether its failure, kill or warning is that of the task"
    )
    schedule_date: str | None = dynamic(None, doc="when it begins, ISO 8601; default: now")
    restart_behavior: Annotated[Literal["RETRY_FAILED", "NEW_EXECUTION"], BeforeValidator(upper)] = static(
        "RETRY_FAILED", doc="whether a restart restarts the failed execution, or begins another one"
    )


class Subflow(Call):
    """Runs another flow. By default it waits for its end, and ends in its state."""

    outputs: dict[str, Any] | None = static(
        None, doc="accepted", ignored="declare `outputs` in the other flow"
    )


class SubflowOutputs(BaseModel):
    executionId: str  # noqa: N815 - as expressions write it
    """The execution of the other flow."""
    state: str | None = None
    """Its final state. Absent if the task did not wait."""
    outputs: JsonObject | None = None
    """The outputs of the flow. Absent if the task did not wait."""


@dataclass(frozen=True, slots=True)
class Compiled:
    properties: Call
    namespace: Template
    flow_id: Template
    inherits: Template
    date: Template | None


def compiled(properties: Call) -> Compiled:
    date = properties.schedule_date
    return Compiled(
        properties,
        compile_template(properties.namespace),
        compile_template(properties.flow_id),
        compile_template(properties.inherit_labels),
        compile_template(date) if date is not None else None,
    )


def opening(compiled: Compiled, rendering: Rendering) -> Opening:  # noqa: ARG001 - one signature for all kinds
    return Opening(values=[""])


def flow(compiled: Compiled, rendering: Rendering) -> ChildFlow:
    properties = compiled.properties
    namespace, flow_id = rendering.text(compiled.namespace), rendering.text(compiled.flow_id)
    return ChildFlow(
        namespace=namespace,
        flow_id=flow_id,
        revision=properties.revision,
        inputs=rendering.child_inputs(namespace, flow_id, properties.revision, properties.inputs or {}),
        labels=labels_of(rendering.nested(properties.labels or {})),
        inherits_labels=is_truthy(rendering.text(compiled.inherits).strip()),
        scheduled_at=_date(rendering.text(compiled.date)) if compiled.date is not None else None,
    )


def _date(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return to_millis(datetime.fromisoformat(text.strip()))
    except ValueError as error:
        raise RenderingFailed(f"`scheduleDate` is not an ISO 8601 date: {text[:60]}") from error


def result(compiled: Compiled, rendering: Rendering, ends: Sequence[ChildEnd], total: int) -> Result:  # noqa: ARG001 - one signature
    if not ends:
        return Result(State.FAILED, {})
    end = ends[-1]
    if not compiled.properties.wait:
        return Result(State.SUCCESS, {"executionId": end.id})
    transmitted = compiled.properties.transmit_failed and end.state in (
        State.FAILED,
        State.KILLED,
        State.CANCELLED,
        State.WARNING,
    )
    state = end.state if transmitted else State.SUCCESS
    return Result(state, {"executionId": end.id, "state": end.state.value, "outputs": end.outputs})


def keeps(compiled: Compiled) -> bool:
    return compiled.properties.restart_behavior == "RETRY_FAILED"


def pauses(compiled: Compiled) -> bool:
    return compiled.properties.transmit_failed


def waits(compiled: Compiled) -> bool:
    return compiled.properties.wait


SUBFLOW: FlowableType[Compiled] = FlowableType(
    name="io.kestra.plugin.core.flow.Subflow",
    title="Run another flow",
    properties=Subflow,
    aliases=("io.kestra.core.tasks.flows.Subflow", "io.kestra.core.tasks.flows.Flow"),
    outputs=SubflowOutputs,
    examples=(
        """id: child
type: io.kestra.plugin.core.flow.Subflow
namespace: company.team
flowId: load
inputs:
  day: "{{ trigger.date ?? '2026-01-01' }}\"""",
    ),
    slots={},
    compile=compiled,
    opening=opening,
    following=following,
    children=Children(result=result, flow=flow, waits=waits, pauses=pauses, keeps=keeps),
)
