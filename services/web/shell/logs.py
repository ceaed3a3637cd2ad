"""Follows the logs of an execution: lines from the projection, then live ones, without a gap or a repeated line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from contracts.telemetry import LEVELS, AttemptLogs, Level
from services.web.core.rows import LogRow
from services.web.ports import LOGS, LogLines, Projection, Rows
from services.web.shell.executions import HEARTBEAT_SECONDS

_CATCH_UP_SECONDS = 5.0


class Logs:
    def __init__(self, lines: LogLines, rows: Rows, projection: Projection) -> None:
        self._lines = lines
        self._rows = rows
        self._projection = projection

    async def follow(self, execution_id: str, level: Level | None) -> AsyncGenerator[list[LogRow], None]:
        """Lines of at least this level: first the earlier ones, then new ones as they come. Gives an empty list after each
        stretch of silence. Ends when web stops."""
        wanted = frozenset(LEVELS[LEVELS.index(level) :]) if level is not None else frozenset(LEVELS)
        async with self._lines.follow(execution_id) as spoken:
            # Lines from before the tail began are in the projection, or soon will be.
            await self._projection.wait_for(LOGS, spoken.partition, spoken.next_offset - 1, _CATCH_UP_SECONDS)
            stored = await self._rows.logs(execution_id, level)
            sent = {(row.task_run_id, row.attempt, row.number) for row in stored}
            yield stored
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        said = await spoken.next()
                except TimeoutError:
                    yield []
                    continue
                if said is None:
                    return
                news = [
                    row
                    for row in _rows_of(said)
                    if row.level in wanted and (row.task_run_id, row.attempt, row.number) not in sent
                ]
                if news:
                    yield news


def _rows_of(logs: AttemptLogs) -> list[LogRow]:
    return [
        LogRow(
            logs.execution_id,
            logs.namespace,
            logs.flow_id,
            logs.task_id,
            logs.task_run_id,
            logs.trigger_id,
            logs.attempt,
            number,
            line.at,
            line.level,
            line.message,
        )
        for number, line in enumerate(logs.lines, logs.first)
    ]
