"""The turn of one input on the triggers, with what several decisions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

from contracts import machine
from contracts.reply import Reply
from contracts.scalars import trigger_key
from contracts.telemetry import AttemptLogs, LogLine
from contracts.trigger import AskedOfTrigger
from services.trigger_listener.core.event import JournalEvent
from services.trigger_listener.core.polling import NO_POLLS, PollSettings
from services.trigger_listener.core.schedule import Schedule, read_schedule
from services.trigger_listener.core.state import Trigger, TriggersState

CHECK_MS = 600_000
"""How often the listener asks whether the execution that locks a trigger is still open."""
MOST_DEPTH = 50
ReplyCode: TypeAlias = Literal["ok", "unchanged", "missing", "conflict", "invalid"]


@dataclass(slots=True)
class Turn(machine.Turn[TriggersState, JournalEvent]):
    zone: str
    """The zone of schedules that name none."""
    polls: PollSettings = NO_POLLS
    most_depth: int = MOST_DEPTH
    """So many Flow triggers may start one another."""

    def schedule_of(self, trigger: Trigger) -> Schedule | None:
        return read_schedule(trigger.trigger_type, trigger.definition, self.zone)

    def trigger_of(self, message: AskedOfTrigger) -> Trigger | None:
        """Return what the message asks of. If it is not there, answer that."""
        found = self.state.by_key.get(trigger_key(message.namespace, message.flow_id, message.trigger_id))
        if found is None:
            self.reply(message, "missing", "Trigger not found")
        return found

    def await_slot(self, key: str) -> None:
        """Set the trigger's timer to its next slot while it is idle, while it is locked to a check of the lock, and while a poll is
        out to the end of its time."""
        trigger = self.state.by_key[key]
        if trigger.evaluation is not None:
            self.timer(key, trigger.evaluation.until)
        elif trigger.locked_by is not None:
            self.timer(key, (self.at // CHECK_MS + 1) * CHECK_MS)
        else:
            due = trigger.due_at
            # A date that waited for a lock or a backfill is late, but we were not away, so the timer must not look late.
            self.timer(key, None if due is None else max(due, self.at))

    def warn(self, trigger: Trigger, execution_id: str, first: int, message: str) -> None:
        """Write a line to the log of the trigger. ``execution_id`` is what it is about, ``first`` the line's number there."""
        logs = AttemptLogs(
            execution_id=execution_id,
            namespace=trigger.namespace,
            flow_id=trigger.flow_id,
            first=first,
            lines=[LogLine(level="WARN", at=self.at, message=message)],
            trigger_id=trigger.trigger_id,
        )
        self.send("attempts.logs", execution_id, logs)

    def reply(self, message: AskedOfTrigger, code: ReplyCode, reason: str = "") -> None:
        """Answer, if somebody waits for it."""
        if message.request_id is None or message.reply_to is None:
            return
        accepted = code in {"ok", "unchanged"}
        reply = Reply(request_id=message.request_id, accepted=accepted, at=self.at, code=code, reason=reason)
        self.send("replies", message.request_id, reply, message.reply_to)


class Names(TypedDict):
    namespace: str
    flow_id: str
    trigger_id: str


def names(trigger: Trigger) -> Names:
    """Return the first fields of every event of a trigger."""
    return {"namespace": trigger.namespace, "flow_id": trigger.flow_id, "trigger_id": trigger.trigger_id}
