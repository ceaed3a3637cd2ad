"""Writes rows as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from contracts.scalars import Millis, to_iso
from services.web.core.rows import ExecutionRow, FlowRow, TriggerRow

EXECUTIONS = ("id", "namespace", "flowId", "flowRevision", "state", "startDate", "endDate", "labels")
FLOWS = ("namespace", "id", "revision", "disabled", "description", "labels", "updated")
TRIGGERS = ("namespace", "flowId", "triggerId", "type", "disabled", "nextEvaluationDate", "lastTriggeredDate")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def executions_csv(rows: Iterable[ExecutionRow]) -> str:
    return _csv(
        EXECUTIONS,
        (
            (r.id, r.namespace, r.flow_id, str(r.revision), r.state.value, to_iso(r.created_at), _at(r.ended_at), _labels(r.labels))
            for r in rows
        ),
    )  # fmt: skip


def flows_csv(rows: Iterable[FlowRow]) -> str:
    return _csv(
        FLOWS,
        (
            (r.namespace, r.id, str(r.revision), _flag(on=r.disabled), r.description, _labels(r.labels), to_iso(r.updated_at))
            for r in rows
        ),
    )  # fmt: skip


def triggers_csv(rows: Iterable[TriggerRow]) -> str:
    return _csv(
        TRIGGERS,
        (
            (
                r.namespace,
                r.flow_id,
                r.trigger_id,
                r.type,
                _flag(on=r.disabled),
                _at(r.next_at),
                _at(r.last_at),
            )
            for r in rows
        ),
    )


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: str) -> str:
    """Keep a spreadsheet from taking a user's text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f"{key}:{value}" for key, value in labels.items())


def _flag(*, on: bool) -> str:
    return "true" if on else "false"


def _at(at: Millis | None) -> str:
    return to_iso(at) if at is not None else ""
