"""Answers what tasks ask of the projection: purges, counts, and log lines as a file (ADR 0030)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from contracts.projection import CountExecutions, FetchLogs, ProjectionRequest, PurgeExecutions, PurgeLogs
from contracts.reply import Reply
from contracts.telemetry import LogsDeleted, MetricsDeleted
from services.web.core.problem import Problem
from services.web.core.view.telemetry import log_entry
from services.web.ports import LOGS, REPLIES, Files, Log, Projection, Rows
from services.web.shell.deletion import Deletions, Extent
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

log = get_logger()
BATCH = 500
CATCH_UP_SECONDS = 10.0
Found = dict[str, Any]


class Requests:
    def __init__(
        self, appended: Log, rows: Rows, projection: Projection, files: Files, deletions: Deletions
    ) -> None:
        self._log = appended
        self._rows = rows
        self._projection = projection
        self._files = files
        self._deletions = deletions
        self.end_of_logs: Callable[[str], Awaitable[tuple[int, int]]] | None = None
        """Where the log of an execution ends on its topic. Set when the tail of requests is made."""

    async def answer(self, request: ProjectionRequest) -> None:
        """Do it, and say what came of it. What goes wrong is an answer, too."""
        try:
            reply = self._reply(request, found=await self._found(request))
        except Problem as problem:
            reply = self._reply(request, accepted=False, code="conflict", reason=problem.detail)
        except Transient as error:
            reply = self._reply(request, accepted=False, code="conflict", reason=str(error))
        except Exception:
            log.exception("request_of_task_failed", request=request.request_id)
            reason = "web could not do it; its log has the details"
            reply = self._reply(request, accepted=False, code="invalid", reason=reason)
        log.info(
            "request_answered",
            request=request.request_id,
            asked=type(request).__name__,
            accepted=reply.accepted,
        )
        try:
            await self._log.answer(REPLIES, request.reply_to, reply)
        except Transient as error:  # whoever asks will ask again
            log.warning("request_not_answered", request=request.request_id, reason=str(error))

    async def _found(self, request: ProjectionRequest) -> Found:
        match request:
            case PurgeExecutions():
                return await self._purge_executions(request)
            case PurgeLogs():
                return await self._purge_logs(request)
            case CountExecutions():
                return await self._count(request)
            case FetchLogs():
                return await self._fetch_logs(request)

    async def _purge_executions(self, asked: PurgeExecutions) -> Found:
        counts = {"executions": 0, "logs": 0, "metrics": 0, "files": 0}
        extent = Extent(logs=asked.logs, metrics=asked.metrics, files=False)
        kept = 0
        while True:
            # What is deleted is gone from the next page. What stays is older than everything that comes, so it is passed over.
            ids = await self._rows.ended_executions(asked.selection, asked.states, BATCH, kept)
            if not ids:
                return counts
            if asked.logs:
                counts["logs"] += await self._rows.count_logs(ids)
            if asked.metrics:
                counts["metrics"] += await self._rows.count_metrics(ids)
            if asked.files:
                counts["files"] += await self._deletions.files(ids)
            if asked.executions:
                gone = await self._deletions.those_that_may(ids, extent)
                counts["executions"] += gone
                kept += len(ids) - gone
            else:
                await self._forget(ids, asked)
                kept += len(ids)

    async def _forget(self, ids: list[str], asked: PurgeExecutions) -> None:
        if asked.logs:
            await self._log.append(LOGS, [(each, LogsDeleted(execution_id=each)) for each in ids])
        if asked.metrics:
            await self._log.append(
                "attempts.metrics", [(each, MetricsDeleted(execution_id=each)) for each in ids]
            )

    async def _purge_logs(self, asked: PurgeLogs) -> Found:
        where, levels = asked.selection, asked.levels or None
        sources = await self._rows.log_sources(where, levels)
        for first in range(0, len(sources), BATCH):
            deletions = [
                LogsDeleted(
                    execution_id=execution_id,
                    namespace=namespace,
                    flow_id=flow_id,
                    levels=levels,
                    after=where.after,
                    before=where.before,
                )
                for execution_id, namespace, flow_id, _ in sources[first : first + BATCH]
            ]
            await self._log.append(LOGS, [(each.execution_id, each) for each in deletions])
        return {"count": sum(count for *_, count in sources)}

    async def _count(self, asked: CountExecutions) -> Found:
        during = (asked.states, asked.after, asked.before)
        return {
            "flows": await self._rows.count_of_flows(asked.flows, *during),
            "namespaces": await self._rows.count_of_namespaces(asked.namespaces, *during),
        }

    async def _fetch_logs(self, asked: FetchLogs) -> Found:
        assert self.end_of_logs is not None
        partition, end = await self.end_of_logs(asked.execution_id)
        if end > 0:
            await self._projection.wait_for(LOGS, partition, end - 1, CATCH_UP_SECONDS)
        lines = []
        tasks: list[str | None] = [*asked.task_ids] or [None]
        for task_id in tasks:
            lines += await self._rows.logs(asked.execution_id, asked.level, None, task_id)
        flow = (asked.namespace, asked.flow_id)
        entries = [
            log_entry(line) for line in lines if flow in {(None, None), (line.namespace, line.flow_id)}
        ]
        content = b"".join(orjson.dumps(entry) + b"\n" for entry in entries)
        await self._files.put(asked.uri, content)
        return {"size": len(entries)}

    @staticmethod
    def _reply(request: ProjectionRequest, **fields: Any) -> Reply:
        return Reply(request_id=request.request_id, at=now_ms(), **{"accepted": True, **fields})
