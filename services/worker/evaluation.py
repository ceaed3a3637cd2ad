"""Runs an *evaluate* attempt: renders templates that the executor cannot, with the functions that tasks have here.

It runs in this process, starts nothing and logs nothing: an error is an answer, which stands in the log of the run that asked.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import Any

from contracts.codec import Codec, UnreadableMessage, encode
from contracts.evaluation import ANSWER_BYTES, Answer, Question
from contracts.execution import AttemptEnded, Outcome
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.template import compile_template, is_truthy
from contracts.language.types.duration import parse_duration
from contracts.scalars import execution_folders
from contracts.work import RunAttempt
from services.worker.core.address import answers_of
from services.worker.reference import load_references
from services.worker.run_context import AttemptContext, WorkerContext
from services.worker.stoppable import Stop, Stoppable
from services.worker.telemetry import AttemptTelemetry
from toccata.plugin import StorageRefused, TaskFailed
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.storage import uri_of

EVALUATE = "evaluate"
"""Stands for the type of the task in metrics."""
LONGEST_SECONDS = 60.0
_codec: Codec[AttemptEnded] = Codec(AttemptEnded)


class EvaluationRunner:
    """Used like an ``AttemptRunner``."""

    waits = False

    def __init__(self, run: RunAttempt, shared: WorkerContext, worker_id: str) -> None:
        self._attempt = run
        self._shared = shared
        self._worker_id = worker_id
        self._stoppable = Stoppable()
        self._telemetry = AttemptTelemetry(run, shared.outbox, None)
        self._context = AttemptContext(run, shared, self._telemetry)
        self.started_at = now_ms()
        self.outcome: Outcome = "lost"

    @property
    def task_type(self) -> str:
        return EVALUATE

    def stop(self, how: Stop) -> None:
        self._stoppable.stop(how)

    async def close(self) -> None:
        await self._context.close()

    async def run(self) -> bytes:
        """Return the encoded AttemptEnded."""
        ended = await self._stoppable.run(self._limited)
        if isinstance(ended, bytes):
            return ended
        if ended == "cancelled":
            return self._end("cancelled", "killed")
        return self._end("lost", "the worker stopped")

    async def _limited(self) -> bytes:
        try:
            async with asyncio.timeout(self._seconds()):
                return await self._answered()
        except TimeoutError:
            return self._end("timed_out", f"Timeout after {self._seconds():g} s")

    def _seconds(self) -> float:
        written = self._attempt.timeout_template
        try:
            return (
                min(LONGEST_SECONDS, parse_duration(written).total_seconds()) if written else LONGEST_SECONDS
            )
        except ValueError:
            return LONGEST_SECONDS

    async def _answered(self) -> bytes:
        refusal = answers_of(self._attempt).refusal
        if refusal:
            return self._end("failed", refusal)
        try:
            await load_references(self._attempt, self._shared.stores.storage)
        except (StorageRefused, Transient, ValueError) as error:
            return self._end("failed", f"cannot read the outputs of an earlier task: {error}")
        if any(
            question.form != "stored" for question in self._attempt.questions
        ):  # a file keeps what is secret encrypted
            try:
                self._context.decrypt()
            except TaskFailed as error:
                return self._end("failed", error.message)
        answers: list[Answer] = []
        room = ANSWER_BYTES
        for question in self._attempt.questions:
            answer = self._fitting(await self._answer(question), room)
            room -= len(encode(answer))
            answers.append(answer)
            await asyncio.sleep(0)  # other attempts go on between two templates
        return self._end("succeeded", "", answers)

    async def _answer(self, question: Question) -> Answer:
        try:
            value = await self._context.fetching(lambda: self._value(question))
            return Answer(await self._stored(value) if question.form == "stored" else value)
        except (ExpressionError, TaskFailed, StorageRefused, Transient) as error:
            return Answer(error=self._context.without_secrets(str(error)))

    def _value(self, question: Question) -> Any:
        template, scope = compile_template(question.template), self._context.scope()
        if question.form == "value":
            return template.evaluate(scope)
        text = template.render(scope)
        if question.form == "encrypted":
            return self._context.encrypted(text) if text else None
        return is_truthy(text) if question.form == "truth" else text

    async def _stored(self, text: str) -> str:
        """Keep outputs of the execution, or a text of one of its task runs."""
        run = self._attempt
        if run.task_id:
            name = blake2b(text.encode(), digest_size=16).hexdigest()
            return await self._context.storage.put(f"{self._context.file_prefix}{name}.ion", text.encode())
        folders = execution_folders(run.namespace, run.flow_id, run.execution_id)
        return await self._shared.stores.storage.put(uri_of(*folders, "outputs.ion"), text.encode())

    def _fitting(self, answer: Answer, room: int) -> Answer:
        """Return an error in place of an answer that no record can hold."""
        try:
            encoded = encode(answer)
            if len(encoded) > room:
                return Answer(error=f"The result has {len(encoded):,} bytes, but {room:,} are left for it")
            _codec.decode(self._end("succeeded", "", [answer]))
        except (TypeError, ValueError, RecursionError, UnreadableMessage) as error:
            return Answer(error=f"The result is not a JSON value: {error}")
        return answer

    def _end(self, outcome: Outcome, message: str, answers: list[Answer] | None = None) -> bytes:
        run = self._attempt
        self.outcome = outcome
        return encode(
            AttemptEnded(
                execution_id=run.execution_id,
                task_run_id=run.task_run_id,
                attempt=run.attempt,
                outcome=outcome,
                at=max(now_ms(), self.started_at),
                worker_id=self._worker_id,
                started_at=self.started_at,
                message=message,
                answers=answers or [],
            )
        )
