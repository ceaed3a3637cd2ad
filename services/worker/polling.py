"""Runs a poll: asks the source of a trigger, and reports the events that it found instead of outputs."""

from __future__ import annotations

from msgspec import json, structs

from contracts.codec import Codec
from contracts.execution import AttemptEnded
from contracts.polling import EVENT_ID_CHARS, FOUND_BYTES, MOST_FOUND, FoundEvent
from contracts.work import RunAttempt
from services.worker.core.address import answers_of
from services.worker.core.outcome import End, cleaned, outcome_of
from services.worker.run_context import WorkerContext
from services.worker.runner import AttemptRunner, TooLarge, refuse
from toccata.plugin import TaskFailed, TriggerEvent, TriggerType
from toccata.plugins.host.running import found, run_poll

_encode = json.Encoder(enc_hook=refuse, decimal_format="number").encode
_codec: Codec[AttemptEnded] = Codec(AttemptEnded)


class PollRunner(AttemptRunner):
    """Used like an ``AttemptRunner``."""

    def __init__(
        self, run: RunAttempt, trigger_type: TriggerType | None, shared: WorkerContext, worker_id: str
    ) -> None:
        super().__init__(run, None, shared, worker_id)
        self._trigger_type = trigger_type
        self.waits = trigger_type is not None and trigger_type.started_by == "subscribe"
        self._found: list[FoundEvent] = []

    async def _work(self) -> End:
        refusal = answers_of(self._attempt).refusal
        if refusal:
            raise TaskFailed(refusal)
        if self._trigger_type is None:
            name = self._attempt.task_type
            raise TaskFailed(f"no plugin on worker {self._worker_id} polls triggers of type `{name}`")
        written = self._task.get("properties") or {}
        if self._trigger_type.directory_variables is not None:
            variables = await found(self._trigger_type, self._trigger_type.directory_variables)
            self._context.add_variables(variables(written, await self._context.directory()))
        trigger = await self._context.bound(self._trigger_type.properties, written)
        events = await run_poll(self._trigger_type, trigger, self._context)
        if len(events) > MOST_FOUND:
            raise TaskFailed(
                f"the trigger found {len(events)} events, but the limit of one poll is {MOST_FOUND}"
            )
        self._found = [_found(event) for event in events]
        return End("returned")

    async def _encoded(self, end: End) -> bytes:
        self.outcome = outcome_of(end)
        events = self._found if end.how == "returned" else []
        value = _encode(structs.replace(self._message(end, {}, None), found=events))
        if events:
            # If the trigger-listener could not read this, the poll would only end with its time.
            _codec.decode(value)
        if len(value) > FOUND_BYTES and events:
            raise TooLarge(
                f"what the trigger found has {len(value)} bytes, but the limit is {FOUND_BYTES}: let it store files, "
                "such as with `fetchType: STORE`, or find less"
            )
        return value


def _found(event: TriggerEvent) -> FoundEvent:
    if len(event.id) > EVENT_ID_CHARS:
        raise TaskFailed(
            f"the id of an event has {len(event.id)} characters, but the limit is {EVENT_ID_CHARS}"
        )
    return FoundEvent(event.id, cleaned(event.variables))
