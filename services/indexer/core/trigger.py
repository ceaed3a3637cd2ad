"""Folds trigger events into the state of each trigger. Pure.

Their topic keeps a week. If a trigger's definition is gone from it, the trigger's next event creates a row without one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.codec import encode
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import Millis
from contracts.trigger import (
    TriggerBackfillBegun,
    TriggerBackfillEnded,
    TriggerBackfillFired,
    TriggerBackfillPaused,
    TriggerBackfillSkipped,
    TriggerDefined,
    TriggerDisabledSet,
    TriggerEvaluated,
    TriggerEvaluating,
    TriggerEvent,
    TriggerFired,
    TriggerHeard,
    TriggerRemoved,
    TriggerReset,
    TriggerSkipped,
    TriggerUnlocked,
)
from services.indexer.core.change import Changes, Known
from services.indexer.core.rows import TriggerKey, TriggerRow, clean, json_text


class BackfillText(msgspec.Struct, frozen=True):
    """The backfill of a trigger in its row, as JSON. Inputs stay as they are written."""

    start: Millis
    end: Millis
    current: Millis | None
    paused: bool
    inputs: msgspec.Raw
    labels: dict[str, str]


_decode = msgspec.json.Decoder(BackfillText).decode


def fold_trigger(known: Known, changes: Changes, event: TriggerEvent, position: int) -> None:
    key = (event.namespace, event.flow_id, event.trigger_id)
    row = _present(known, changes, key)
    if row is not None and position <= row.position:
        return
    if isinstance(event, TriggerRemoved):
        changes.triggers.pop(key, None)
        changes.removed_triggers.add(key)
        return
    if row is None and isinstance(event, TriggerUnlocked):
        return
    row = _next(row, event, position)
    _apply(row, event)
    changes.triggers[key] = row


def _present(known: Known, changes: Changes, key: TriggerKey) -> TriggerRow | None:
    if key in changes.triggers:
        return changes.triggers[key]
    return None if key in changes.removed_triggers else known.triggers.get(key)


def _next(row: TriggerRow | None, event: TriggerEvent, position: int) -> TriggerRow:
    return TriggerRow(
        event.namespace,
        event.flow_id,
        event.trigger_id,
        position,
        row.type if row else "",
        row.revision if row else 0,
        row.definition if row else "{}",
        row.disabled if row else False,
        row.next_at if row else None,
        row.last_at if row else None,
        row.evaluated_at if row else None,
        event.at,
        row.execution_id if row else None,
        row.evaluating_at if row else None,
        row.problem if row else "",
        row.worker_id if row else None,
        row.backfill if row else None,
    )


def _apply(row: TriggerRow, event: TriggerEvent) -> None:
    match event:
        case TriggerDefined():
            row.type, row.revision, row.disabled = event.trigger_type, event.revision, event.disabled
            row.definition = json_text(event.definition)
            row.next_at, row.problem = event.next_at, clean(event.problem)
        case TriggerFired():
            row.last_at, row.evaluated_at, row.next_at = event.slot_at, event.at, event.next_at
            row.execution_id = event.execution_id if event.locks else None
        case TriggerSkipped() | TriggerHeard():
            _pass(row, event)
        case TriggerEvaluating():
            row.evaluating_at = event.at
        case TriggerEvaluated():
            _end_evaluation(row, event)
        case TriggerUnlocked():
            row.execution_id = None
        case TriggerDisabledSet():
            row.disabled, row.next_at = event.disabled, event.next_at
        case TriggerBackfillBegun():
            inputs = msgspec.Raw(encode(event.inputs))
            row.backfill = json_text(
                BackfillText(event.start_at, event.end_at, event.slot_at, False, inputs, event.labels)
            )
        case TriggerBackfillFired():
            row.last_at, row.evaluated_at, row.next_at = event.slot_at, event.at, event.next_at
            row.execution_id = event.execution_id if event.locks else None
            _change_backfill(row, current=event.next_slot_at)
        case TriggerBackfillSkipped():
            row.evaluated_at = event.at
            _change_backfill(row, current=event.next_slot_at)
        case TriggerBackfillPaused():
            _change_backfill(row, paused=event.paused)
        case TriggerBackfillEnded():
            row.backfill = None
        case TriggerReset():
            row.disabled, row.next_at = event.disabled, event.next_at
            row.last_at = row.evaluated_at = row.execution_id = row.backfill = None
        case _:
            pass  # from an event of a later version we only understand instant and position


def _pass(row: TriggerRow, event: TriggerSkipped | TriggerHeard) -> None:
    """A date was passed over, or a Flow trigger heard of an execution, and started one or did not."""
    row.evaluated_at = event.at
    if isinstance(event, TriggerHeard) and event.execution_id is not None:
        row.last_at = event.at
    if isinstance(event, TriggerSkipped):
        row.next_at = event.next_at
    if row.type == FLOW.name:
        row.problem = clean(event.problem)


def _end_evaluation(row: TriggerRow, event: TriggerEvaluated) -> None:
    row.evaluating_at, row.evaluated_at, row.next_at = None, event.at, event.next_at
    row.problem, row.execution_id = clean(event.problem), event.locked_by
    row.worker_id = clean(event.worker_id) or None
    if event.executions:
        row.last_at = event.at


def _change_backfill(row: TriggerRow, **changes: Any) -> None:
    """Nothing if its beginning is gone from the topic."""
    if row.backfill is not None:
        row.backfill = json_text(msgspec.structs.replace(_decode(row.backfill), **changes))
