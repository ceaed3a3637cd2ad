"""The stream of executions that belong together: they have the same `system.correlationId`, and started one another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial

from fastapi import APIRouter, Request, Response

from contracts.scalars import to_iso
from contracts.states import ENDED
from services.web.core.parameter import flag
from services.web.core.rows import ExecutionRow
from services.web.core.view.page import Json
from services.web.core.view.related import related
from services.web.http.parts import parts_of
from services.web.http.stream import PING, frame, stream
from services.web.shell.executions import HEARTBEAT_SECONDS
from toccata.runtime.clock import monotonic

router = APIRouter(prefix="/api/v1/main/executions", tags=["Executions"])


@router.get("/{execution}/follow-dependencies")
async def follow_dependencies(execution: str, request: Request) -> Response:
    params = request.query_params
    chosen = partial(
        related,
        execution_id=execution,
        all_of_them=flag(params.get("expandAll"), name="expandAll"),
        only_started=flag(params.get("destinationOnly"), name="destinationOnly"),
    )
    looks = parts_of(request).executions.follow_together(execution, chosen)
    first = await anext(looks)  # a 404 must come before the first event

    async def frames() -> AsyncIterator[bytes]:
        yield frame("start", {"executionId": execution})
        told: dict[str, str] = {}
        for each in _news(first, told):
            yield each
        spoke = monotonic()
        async with aclosing(looks):
            async for rows in looks:
                for each in _news(rows, told):
                    spoke = monotonic()
                    yield each
                if monotonic() - spoke > HEARTBEAT_SECONDS:
                    spoke = monotonic()
                    yield PING
                if all(row.state in ENDED for row in rows):
                    break
        yield frame("end-all", {"executionId": execution})

    return stream(frames())


def _news(rows: list[ExecutionRow], told: dict[str, str]) -> list[bytes]:
    """What changed since it was told. The last event of an execution is its end."""
    news = [row for row in rows if told.get(row.id) != row.state.value]
    told.update({row.id: row.state.value for row in news})
    return [frame("end" if row.state in ENDED else "progress", _status(row)) for row in news]


def _status(row: ExecutionRow) -> Json:
    histories = [{"state": past.state.value, "date": to_iso(past.at)} for past in row.histories]
    return {
        "tenantId": "main",
        "executionId": row.id,
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "state": {"current": row.state.value, "histories": histories},
    }
