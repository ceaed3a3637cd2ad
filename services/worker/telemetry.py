"""Gathers log lines and metrics of one attempt into records, at most 50 ms or 100 lines late."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from contracts.codec import encode
from contracts.execution import ErrorLine
from contracts.scalars import Millis
from contracts.telemetry import LEVELS, AttemptLogs, AttemptMetrics, Level, LogLine, MetricPoint
from contracts.work import RunAttempt
from services.worker.core.text import parts, redacted
from services.worker.log_file import LogFile
from services.worker.ports import Outbox
from toccata.plugin import MetricKind
from toccata.runtime.clock import now_ms

LATE_SECONDS = 0.05
LINES = 100
BATCH_BYTES = 96 * 1024
"""JSON may need six bytes for one. Even then a record stays below the hard limit."""
POINTS = 100
ERRORS = 5
ERROR_CHARS = 1_000
_RANK = {level: rank for rank, level in enumerate(LEVELS)}


class AttemptTelemetry:
    """Everything goes to the outbox. Nothing here waits."""

    def __init__(
        self, run: RunAttempt, outbox: Outbox, lowest: Level | None, file: LogFile | None = None
    ) -> None:
        self._run = run
        self._outbox = outbox
        self._file = file
        """Not None: lines go there, until somebody takes it."""
        self._lowest = _RANK[lowest] if lowest is not None else 0
        self.secrets: set[str] = set()
        """Values that no line may show."""
        self._lines: list[LogLine] = []
        self._lines_bytes = 0
        self._lines_sent = 0
        self._points: list[MetricPoint] = []
        self._points_sent = 0
        self._timer: asyncio.TimerHandle | None = None
        self.errors: deque[ErrorLine] = deque(maxlen=ERRORS)
        """The last lines of level ERROR."""

    def log(self, level: Level, message: str) -> None:
        if _RANK[level] < self._lowest:
            return
        if self.secrets:
            message = redacted(message, self.secrets)
        at = now_ms()
        if level == "ERROR":
            self.errors.append(ErrorLine(at, message[:ERROR_CHARS].encode("utf-8", "replace").decode()))
        for part in parts(message):
            self._lines.append(LogLine(level=level, at=at, message=part))
            self._lines_bytes += len(part) if part.isascii() else 3 * len(part)
            if len(self._lines) >= LINES or self._lines_bytes >= BATCH_BYTES:
                self._send_lines()
        if self._lines and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATE_SECONDS, self.flush)

    def metric(self, kind: MetricKind, name: str, value: float, tags: Mapping[str, str]) -> None:
        at: Millis = now_ms()
        self._points.append(
            MetricPoint(
                kind=kind, name=name[:200], value=value, at=at, tags={k: v[:200] for k, v in tags.items()}
            )
        )
        if len(self._points) >= POINTS:
            self._send_points()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATE_SECONDS, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            self._send_lines()
        if self._points:
            self._send_points()

    def take_file(self) -> LogFile | None:
        """Return the file with all lines so far. Later lines go to the outbox."""
        self.flush()
        file, self._file = self._file, None
        return file

    def _send_lines(self) -> None:
        lines, self._lines, self._lines_bytes = self._lines, [], 0
        if self._file is not None:
            self._file.write(lines)
            return
        first, self._lines_sent = self._lines_sent, self._lines_sent + len(lines)
        try:
            value = self._encoded(first, lines)
        except UnicodeEncodeError:
            value = self._encoded(first, [_encodable(line) for line in lines])
        self._outbox.post("attempts.logs", self._run.execution_id, value)

    def _encoded(self, first: int, lines: list[LogLine]) -> bytes:
        run = self._run
        return encode(
            AttemptLogs(
                execution_id=run.execution_id,
                namespace=run.namespace,
                flow_id=run.flow_id,
                first=first,
                lines=lines,
                **self._speaker(),
            )
        )

    def _speaker(self) -> dict[str, Any]:
        """Return who says it: an attempt of a task run, or a trigger."""
        run = self._run
        if run.poll is not None:
            return {"trigger_id": run.poll.trigger_id}
        return {"task_id": run.task_id, "task_run_id": run.task_run_id, "attempt": run.attempt}

    def _send_points(self) -> None:
        points, self._points = self._points, []
        if self._run.poll is not None:
            return  # metrics belong to task runs, and a poll is none
        first, self._points_sent = self._points_sent, self._points_sent + len(points)
        run = self._run
        value = encode(
            AttemptMetrics(
                execution_id=run.execution_id,
                namespace=run.namespace,
                flow_id=run.flow_id,
                task_id=run.task_id,
                task_run_id=run.task_run_id,
                attempt=run.attempt,
                first=first,
                points=points,
            )
        )
        self._outbox.post("attempts.metrics", run.execution_id, value)


def _encodable(line: LogLine) -> LogLine:
    """Replace lone surrogates, which a template can create and UTF-8 cannot encode."""
    message = line.message.encode("utf-8", "replace").decode()
    return LogLine(level=line.level, at=line.at, message=message)
