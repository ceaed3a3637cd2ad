"""Deletes executions, with their logs, metrics and files, and log lines alone (ADR 0028)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from contracts.telemetry import LogsDeleted
from services.web.core.live import of_row
from services.web.core.problem import BulkProblem, Problem, conflict, not_found, timed_out
from services.web.core.rows import ExecutionRow
from services.web.core.write.action import KILL_FIRST, delete
from services.web.ports import LOGS, Log, Rows
from services.web.shell.action import Actions
from services.web.shell.executions import Executions
from services.web.shell.files import Files
from toccata.runtime.clock import monotonic

VISIBLE_SECONDS = 2.0
"""How long an answer waits until reads show that lines are gone."""
PAUSE_SECONDS = 0.05
KILL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Extent:
    """What is deleted together with an execution."""

    logs: bool = True
    metrics: bool = True
    files: bool = True


class Deletions:
    def __init__(self, log: Log, rows: Rows, executions: Executions, actions: Actions, files: Files) -> None:
        self._log = log
        self._rows = rows
        self._executions = executions
        self._actions = actions
        self._files = files

    async def one(self, execution_id: str, extent: Extent) -> None:
        """Kill it if it still runs, and delete it. Raises Problem 404, or 409 if it does not end in time."""
        row = await self._executions.row(execution_id)
        if row is None:
            raise not_found()
        await self._kill([row])
        still = await self._executions.row(execution_id)
        if still is None:
            return
        self._actions.check(delete(logs=extent.logs, metrics=extent.metrics), of_row(still))
        await self._delete([still], extent)

    async def all(self, ids: Sequence[str], extent: Extent, *, kill: bool) -> int:
        """Delete all of them, or none if one does not exist or still runs. With ``kill``, those that run are killed first."""
        deletion = delete(logs=extent.logs, metrics=extent.metrics)
        if kill:
            rows = [
                row for each in dict.fromkeys(ids) if (row := await self._executions.row(each)) is not None
            ]
            missing = set(ids) - {row.id for row in rows}
            if missing:
                raise BulkProblem(deletion.name, [(each, "execution not found") for each in sorted(missing)])
            await self._kill(rows)
        rows = await self._actions.checked(deletion, ids)
        await self._delete(rows, extent)
        return len(rows)

    async def those_that_may(self, ids: Sequence[str], extent: Extent) -> int:
        """Delete those that have ended for good, and return their number."""
        found = [await self._executions.row(each) for each in dict.fromkeys(ids)]
        rows = [row for row in found if row is not None and of_row(row).settled]
        done = await self._actions.send(delete(logs=extent.logs, metrics=extent.metrics), rows)
        return sum(live.deleted for live in done)

    async def files(self, ids: Sequence[str]) -> int:
        """Delete the files of executions, and return their number."""
        found = [await self._executions.row(each) for each in ids]
        rows = [row for row in found if row is not None]
        return sum([await self._files.forget(row.namespace, row.flow_id, row.id) for row in rows])

    async def logs(self, deletions: Sequence[LogsDeleted], gone: Callable[[], Awaitable[bool]]) -> None:
        """Delete lines, and wait a while until ``gone`` says that reads do not show them any more."""
        if not deletions:
            return
        await self._log.append(LOGS, [(each.execution_id, each) for each in deletions])
        await _until(gone)

    async def _kill(self, rows: Sequence[ExecutionRow]) -> None:
        """Return when all have ended, with their tasks of ``afterExecution``, or when that takes too long."""
        deadline = monotonic() + KILL_SECONDS
        running = [row for row in rows if not of_row(row).settled]
        while running and monotonic() < deadline:
            await self._actions.send(KILL_FIRST, running)
            again = [await self._executions.row(row.id) for row in running]
            running = [row for row in again if row is not None and not of_row(row).settled]

    async def _delete(self, rows: list[ExecutionRow], extent: Extent) -> None:
        """Files go first: if web dies in between, the execution is still there, and a repetition deletes the rest."""
        if extent.files:
            for row in rows:
                await self._files.forget(row.namespace, row.flow_id, row.id)
        done = await self._actions.send(delete(logs=extent.logs, metrics=extent.metrics), rows)
        rest = [live for live in done if not live.deleted]
        if rest:
            raise _not_deleted(
                rest[0].id, changed=any(live.seq > row.seq for live, row in zip(done, rows, strict=True))
            )
        if extent.logs and rows:

            async def gone() -> bool:
                return not await self._rows.logs(rows[-1].id)

            await _until(gone)


async def _until(gone: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(int(VISIBLE_SECONDS / PAUSE_SECONDS)):
        if await gone():
            return
        await asyncio.sleep(PAUSE_SECONDS)


def _not_deleted(execution_id: str, *, changed: bool) -> Problem:
    if changed:
        return conflict(
            f"The execution {execution_id} changed meanwhile and was not deleted: look at it again"
        )
    return timed_out("The executor did not answer in time. The deletion may still be made")
