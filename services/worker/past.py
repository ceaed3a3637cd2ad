"""What happened, as the tasks of one attempt ask for it. Web answers, because it alone reads the projection (ADR 0030)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

from contracts.projection import (
    CountExecutions,
    FetchLogs,
    ProjectionRequest,
    PurgeExecutions,
    PurgeLogs,
    Selection,
)
from contracts.scalars import JsonObject
from contracts.states import State
from contracts.telemetry import Level
from toccata.plugin import Flows, TaskFailed
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.past import Past


class AttemptPast:
    """``toccata.plugin.Past``."""

    def __init__(self, past: Past) -> None:
        self._past = past

    async def purge_executions(
        self, flows: Flows, states: Sequence[str], kinds: Collection[str]
    ) -> dict[str, int]:
        return await self._ask(
            PurgeExecutions(
                **self._head(),
                selection=_selection(flows),
                states=[State(each) for each in states],
                executions="executions" in kinds,
                logs="logs" in kinds,
                metrics="metrics" in kinds,
                files="files" in kinds,
            )
        )

    async def purge_logs(self, flows: Flows, levels: Sequence[Level]) -> int:
        found = await self._ask(PurgeLogs(**self._head(), selection=_selection(flows), levels=list(levels)))
        return int(found["count"])

    async def count(
        self,
        flows: Sequence[tuple[str, str]],
        namespaces: Sequence[str],
        states: Sequence[str],
        during: tuple[int | None, int | None],
    ) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
        found = await self._ask(
            CountExecutions(
                **self._head(),
                flows=list(flows),
                namespaces=list(namespaces),
                states=[State(each) for each in states],
                after=during[0],
                before=during[1],
            )
        )
        return [tuple(each) for each in found["flows"]], [tuple(each) for each in found["namespaces"]]

    async def logs(
        self,
        uri: str,
        execution_id: str,
        level: Level,
        tasks: Sequence[str] = (),
        flow: tuple[str, str] | None = None,
    ) -> int:
        namespace, flow_id = flow or (None, None)
        found = await self._ask(
            FetchLogs(
                **self._head(),
                execution_id=execution_id,
                uri=uri,
                namespace=namespace,
                flow_id=flow_id,
                task_ids=list(tasks),
                level=level,
            )
        )
        return int(found["size"])

    def _head(self) -> dict[str, Any]:
        return {"at": now_ms(), "request_id": uuid4().hex, "reply_to": self._past.reply_to}

    async def _ask(self, request: ProjectionRequest) -> JsonObject:
        try:
            reply = await self._past.ask(request)
        except Transient as error:
            raise TaskFailed(str(error)) from None
        if not reply.accepted:
            raise TaskFailed(reply.reason)
        return reply.found


def _selection(flows: Flows) -> Selection:
    return Selection(namespace=flows.namespace, flow_id=flows.flow_id, after=flows.after, before=flows.before)
