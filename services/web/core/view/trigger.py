"""Turns triggers into the JSON that Kestra's clients read."""

from __future__ import annotations

from contracts.language.types.index import TRIGGERS
from contracts.scalars import Millis, to_iso
from services.web.core.rows import BackfillRow, TriggerRow
from services.web.core.view.page import Json


def trigger_state(row: TriggerRow) -> Json:
    """The state with the names of both generations in one object."""
    state: Json = {
        "tenantId": "main",
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "triggerId": row.trigger_id,
        "kind": _kind(row),
        "disabled": row.disabled,
        "locked": row.execution_id is not None,
        "updatedAt": to_iso(row.updated_at),
        "updatedDate": to_iso(row.updated_at),
        "date": to_iso(row.last_at if row.last_at is not None else row.updated_at),
    }
    if row.evaluated_at is not None:
        state["evaluatedAt"] = to_iso(row.evaluated_at)
    if row.last_at is not None:
        state["lastTriggeredDate"] = to_iso(row.last_at)
    next_at = row.next_at if row.backfill is None else row.backfill.current
    if next_at is not None:
        state["nextEvaluationDate"] = state["nextExecutionDate"] = to_iso(next_at)
    if row.backfill is not None:
        state["backfill"] = _backfill(row.backfill, row.next_at)
    if row.execution_id is not None:
        state["executionId"] = row.execution_id
    if row.evaluating_at is not None:
        state["evaluateRunningDate"] = to_iso(row.evaluating_at)
    if row.worker_id is not None:
        state["workerId"] = row.worker_id
    if row.problem:
        state["problem"] = row.problem
    return state


def _kind(row: TriggerRow) -> str:
    """Only triggers with dates have a next one; those that are polled are no types of the engine."""
    if row.type.endswith((".Schedule", ".ScheduleOnDates")):
        return "SCHEDULE"
    if row.next_at is None:
        return "REALTIME"
    return "SCHEDULE" if row.type in TRIGGERS else "POLLING"


def _backfill(row: BackfillRow, next_at: Millis | None) -> Json:
    view: Json = {
        "start": to_iso(row.start),
        "end": to_iso(row.end),
        "paused": row.paused,
        "inputs": row.inputs,
        "labels": [{"key": key, "value": value} for key, value in row.labels.items()],
    }
    if row.current is not None:
        view["currentDate"] = to_iso(row.current)
    if next_at is not None:
        view["previousNextExecutionDate"] = to_iso(next_at)
    return view


def trigger_item(row: TriggerRow) -> Json:
    definition = {"id": row.trigger_id, "type": row.type, **row.definition}
    state = trigger_state(row)
    return {"trigger": definition, "abstractTrigger": definition, "state": state, "triggerContext": state}
