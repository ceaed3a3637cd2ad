"""What templates see of an execution that a Flow trigger heard of, as ``trigger.*``. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.language.flow.variables import merged, nested_labels
from contracts.scalars import JsonObject, to_iso
from contracts.trigger import MovedExecution
from services.trigger_listener.core.state import Met

_CORRELATION = "system.correlationId"


def variables_of(moved: MovedExecution, earlier: Sequence[Met], *, several: bool) -> JsonObject:
    """Return the variables ``trigger.*``. ``earlier``: what else is met, the earliest first. ``several``: the trigger waits for more than
    one execution."""
    labels = {key: value for key, value in moved.labels.items() if key != _CORRELATION}
    found: JsonObject = {
        "executionId": moved.id,
        "executionLabels": nested_labels(labels),
        "namespace": moved.namespace,
        "flowId": moved.flow_id,
        "flowRevision": moved.revision,
        "state": moved.state.value,
        "startDate": to_iso(moved.started_at),
        "outputs": outputs_of(moved, earlier),
    }
    if moved.ended_at is not None:
        found["endDate"] = to_iso(moved.ended_at)
    if moved.first_failed is not None:
        found["firstFailedTaskId"] = moved.first_failed
    if moved.last_task is not None:
        found["lastTaskId"] = moved.last_task
    if several:
        found["executions"] = _executions(moved, earlier)
    return found


def outputs_of(moved: MovedExecution, earlier: Sequence[Met]) -> JsonObject:
    """Return the outputs of all that is met, merged. With several flows, those of each stand below the id of the flow, too, unless an
    output has that name."""
    found: JsonObject = {}
    for outputs in [*(met.outputs for met in earlier), moved.outputs]:
        found = {
            **found,
            **{
                key: merged(found[key], value) if _maps(found.get(key), value) else value
                for key, value in outputs.items()
            },
        }
    others = [(str(met.execution["flowId"]), met.outputs) for met in earlier]
    if others:
        for flow_id, outputs in [*others, (moved.flow_id, moved.outputs)]:
            if outputs:
                found.setdefault(flow_id, outputs)
    return found


def _maps(first: object, second: object) -> bool:
    return isinstance(first, dict) and isinstance(second, dict)


def _executions(moved: MovedExecution, earlier: Sequence[Met]) -> list[JsonObject]:
    last: JsonObject = {
        "executionId": moved.id,
        "namespace": moved.namespace,
        "flowId": moved.flow_id,
        "state": moved.state.value,
    }
    others = {str(met.execution["executionId"]): met.execution for met in earlier}
    return [*(each for name, each in others.items() if name != moved.id), last]
