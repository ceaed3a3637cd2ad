"""Runs one attempt to its end: variables, rendering, time-out, outputs. The border between our code and a plugin's."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from contracts.codec import Codec, UnreadableMessage
from contracts.execution import AttemptEnded, Outcome
from contracts.json_text import number
from contracts.language.types.duration import format_duration, parse_duration
from contracts.telemetry import LEVELS
from contracts.work import Directory, RunAttempt
from services.worker.core.address import answers_of
from services.worker.core.outcome import End, cleaned, message_of, outcome_of
from services.worker.log_file import LogFile
from services.worker.reference import load_references
from services.worker.run_context import AttemptContext, WorkerContext
from services.worker.stoppable import Stop, Stoppable
from services.worker.task_cache import cache_of, cached, keep
from services.worker.telemetry import AttemptTelemetry
from services.worker.visit import visit
from toccata.plugin import StorageRefused, TaskFailed, TaskType
from toccata.plugins.host.running import found, run_task
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient

INLINE_BYTES = 16 * 1024
"""Larger outputs go to internal storage (docs/language/flows.md#limits)."""
OUTPUT_BYTES = 10 * 1024 * 1024


def refuse(value: object) -> object:
    """For encoders: what is no JSON value is refused."""
    raise TypeError(f"a {type(value).__name__} is not a JSON value")


_encode = msgspec.json.Encoder(enc_hook=refuse, decimal_format="number").encode
_codec: Codec[AttemptEnded] = Codec(AttemptEnded)
_decode_task = msgspec.json.Decoder(dict[str, Any], float_hook=number).decode


class AttemptRunner:
    """Runs a task. Call :meth:`run` once, and :meth:`close` at the end. :meth:`stop` may be called at any time."""

    def __init__(
        self, run: RunAttempt, task_type: TaskType | None, shared: WorkerContext, worker_id: str
    ) -> None:
        self._attempt = run
        self._type = task_type
        self._shared = shared
        self._worker_id = worker_id
        self._stoppable = Stoppable()
        self._task = _task_of(run)
        level = self._task.get("logLevel")
        self._log_file = LogFile() if self._task.get("logToFile") else None
        self._log_uri: str | None = None
        lowest = level if level in LEVELS else None
        self._telemetry = AttemptTelemetry(run, shared.outbox, lowest, self._log_file)
        self._context = AttemptContext(run, shared, self._telemetry)
        self.started_at = now_ms()
        self.outcome: Outcome = "lost"

    waits = False
    """Whether it waits for something that may never come. The end of a worker does not wait for it."""

    @property
    def task_type(self) -> str:
        """The type as the flow writes it."""
        return self._attempt.task_type

    def stop(self, how: Stop) -> None:
        """For a kill, or for the end of the worker."""
        self._context.kill()
        self._stoppable.stop(how)

    async def run(self) -> bytes:
        """Return the encoded AttemptEnded. The attempt's logs and metrics are posted before it."""
        end = await self._end()
        if end.how in ("raised", "timed_out"):
            self._telemetry.log("ERROR", end.message)
        ended = await self._report(await self._with_log(end))
        self._telemetry.flush()
        return ended

    async def close(self) -> None:
        if self._log_file is not None:
            await self._log_file.discard()
        await self._context.close()

    async def _with_log(self, end: End) -> End:
        """Put the log into internal storage if the task asks for that. Without it, the attempt has failed."""
        file = self._telemetry.take_file()
        if file is None or end.how == "abandoned":
            return end
        uri = f"{self._context.file_prefix}attempt-{self._attempt.attempt}.log"
        try:
            self._log_uri = await file.keep(self._shared.stores.storage, uri)
        except (StorageRefused, Transient) as error:
            reason = f"cannot store the task's log: {error}"
            self._telemetry.log("ERROR", reason)
            return End("raised", reason)
        return end

    async def _end(self) -> End:
        end = await self._stoppable.run(self._limited)
        if isinstance(end, End):
            return end
        return End(end, "killed" if end == "cancelled" else "the worker stopped")

    async def _limited(self) -> End:
        limit: float | None = None
        try:
            self._context.decrypt()
            limit = await self._timeout()
            async with asyncio.timeout(limit) as timer:
                return await self._work()
        except TimeoutError as error:
            if limit is not None and timer.expired():
                return End("timed_out", f"Timeout after {format_duration(timedelta(seconds=limit))}")
            return self._raised(error)
        except Exception as error:  # noqa: BLE001 - anything that a plugin raises fails the attempt
            return self._raised(error)

    async def _work(self) -> End:
        refusal = answers_of(self._attempt).refusal
        if refusal:
            raise TaskFailed(refusal)
        step = self._attempt.directory
        if step is not None and step.step in ("use", "leave") and not self._context.enter():
            return End("abandoned", "the working directory is gone")
        if step is not None and step.step != "use":
            return await self._visit(step)
        if self._type is None:
            name = self._attempt.task_type
            raise TaskFailed(f"no plugin on worker {self._worker_id} runs tasks of type `{name}`")
        written = self._task.get("properties") or {}
        if self._attempt.references:
            await load_references(self._attempt, self._shared.stores.storage)
            self._context.decrypt()
        if self._type.directory_variables is not None:
            variables = await found(self._type, self._type.directory_variables)
            self._context.add_variables(variables(written, await self._context.directory()))
        task = await self._context.bound(self._type.properties, written)
        asked = self._task.get("taskCache")
        cache = await cache_of(self._attempt, asked, task, self._context) if asked else None
        kept = await cached(cache, self._context) if cache is not None else None
        if kept is not None:
            self._telemetry.log("INFO", "The outputs come from the task's cache")
            return End("returned", "", kept)
        outputs = await run_task(self._type, task, self._context) or {}
        if cache is not None and not self._context.warned:
            await keep(cache, outputs, self._context)
        return End("returned", "", outputs, self._context.warned)

    async def _visit(self, step: Directory) -> End:
        if self._attempt.references:
            await load_references(self._attempt, self._shared.stores.storage)
        written = self._task.get("properties") or {}
        outputs = await visit(step, self._context, self._shared.directories, written)
        return End("returned", "", outputs, self._context.warned)

    def _raised(self, error: BaseException) -> End:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, TaskFailed):
            return End("raised", error.message, error.outputs)
        self._telemetry.log("DEBUG", "".join(traceback.format_exception(error)))
        return End("raised", f"{type(error).__name__}: {error}")

    async def _timeout(self) -> float | None:
        template = self._attempt.timeout_template
        if template is None:
            return None
        rendered = await self._context.fetching(lambda: str(self._context.render(template)))
        if not rendered.strip():
            return None
        try:
            return parse_duration(rendered.strip()).total_seconds()
        except ValueError as error:
            raise TaskFailed(f"timeout: {error}") from None

    async def _report(self, end: End) -> bytes:
        try:
            return await self._encoded(end)
        except (TypeError, ValueError, RecursionError, UnreadableMessage) as error:
            reason = f"the task's outputs are not JSON: {error}"
        except TooLarge as error:
            reason = str(error)
        except (StorageRefused, Transient) as error:
            reason = f"cannot store the task's outputs: {error}"
        self._telemetry.log("ERROR", reason)
        return await self._encoded(End("raised", reason))

    async def _encoded(self, end: End) -> bytes:
        self.outcome = outcome_of(end)
        outputs = cleaned(end.outputs)
        value = _encode(self._message(end, outputs, None))
        if outputs:
            # If the executor could not read this, the attempt would never end.
            _codec.decode(value)
        if len(value) <= INLINE_BYTES or not outputs:
            return value
        body = _encode(outputs)
        if len(body) <= INLINE_BYTES:
            return value
        if len(body) > OUTPUT_BYTES:
            raise TooLarge(f"the task's outputs have {len(body)} bytes, but the limit is {OUTPUT_BYTES}")
        uri = f"{self._context.file_prefix}outputs-{self._attempt.attempt}.json"
        await self._shared.stores.storage.put(uri, body)
        return _encode(self._message(end, {}, uri))

    def _message(self, end: End, outputs: Mapping[str, Any], uri: str | None) -> AttemptEnded:
        run = self._attempt
        return AttemptEnded(
            execution_id=run.execution_id,
            task_run_id=run.task_run_id,
            attempt=run.attempt,
            outcome=self.outcome,
            at=max(now_ms(), self.started_at),
            worker_id=self._worker_id,
            started_at=self.started_at,
            outputs=dict(outputs),
            outputs_uri=uri,
            message=self._context.without_secrets(message_of(end)),
            errors=[] if self.outcome == "succeeded" else list(self._telemetry.errors),
            log_uri=self._log_uri,
        )


class TooLarge(Exception):
    """The text is for people."""


def _task_of(run: RunAttempt) -> dict[str, Any]:
    try:
        return _decode_task(run.task)
    except msgspec.MsgspecError:
        return {}
