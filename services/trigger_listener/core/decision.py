"""The decisions about triggers: which slots fire, when the next one is, who holds a lock. Knows time only as input.

Theory of operation. ``next_at`` is the first slot that is not decided yet; it moves only by an event that fires or passes over
slots, so none is lost or doubled whatever happens between. One timer a trigger, named by its key, stands at ``next_at`` while
the trigger is idle (enabled and unlocked). A timer that comes late by more than MISSED_AFTER_MS says that we were away: then
``recoverMissedSchedules`` decides about the slots since. Slots that passed while the trigger was locked are not missed but late:
they fire one by one as the lock is released.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

import msgspec

from contracts.execution import StartExecution, TriggerRef
from contracts.language.flow.catalog import SCHEDULE
from contracts.language.flow.trigger_start import TriggerStart, flow_reference, trigger_scope, trigger_start
from contracts.machine import Outgoing, Step, Timer
from contracts.message import Message
from contracts.reply import Reply
from contracts.scalars import JsonObject, Millis, derive_id, to_iso, trigger_key
from contracts.trigger import (
    AnyTriggerEvent,
    DefineTrigger,
    RemoveTrigger,
    SetTriggerDisabled,
    TriggerDefined,
    TriggerDisabledSet,
    TriggerFired,
    TriggerRemoved,
    TriggerSkipped,
    TriggerUnlocked,
    UnlockTrigger,
)
from services.trigger_listener.core.schedule import InvalidSchedule, Schedule, parse_schedule, read_schedule
from services.trigger_listener.core.state import Trigger, Triggers

ReplyCode: TypeAlias = Literal["ok", "unchanged", "missing", "invalid"]

MISSED_AFTER_MS = 30_000
"""A timer that fires later than this after its slot: the listener was away."""


class Decision:
    """One input being decided: events are applied as they are emitted."""

    def __init__(self, triggers: Triggers, at: Millis, zone: str) -> None:
        self._triggers = triggers
        self._at = at
        self._zone = zone
        self.step = Step()

    # ---- definitions

    def define(self, message: DefineTrigger) -> None:
        key = _key(message)
        known = self._triggers.by_key.get(key)
        if known is not None and message.revision <= known.revision:
            return
        definition = msgspec.json.encode(message.definition)
        problem = ""
        if message.trigger_type == SCHEDULE:
            try:
                parse_schedule(definition, self._zone)
            except InvalidSchedule as invalid:
                problem = str(invalid)
        if known is not None and known.idle and known.next_at is not None and known.next_at <= message.at:
            # It was due before the save, by the definition of then: a save must not lose it.
            self.slot_due(key, known.next_at)
        schedule = read_schedule(message.trigger_type, definition, self._zone)
        event = TriggerDefined(
            namespace=message.namespace,
            flow_id=message.flow_id,
            trigger_id=message.trigger_id,
            at=self._at,
            revision=message.revision,
            trigger_type=message.trigger_type,
            definition=message.definition,
            source_disabled=message.disabled,
            disabled=message.disabled or (known is not None and known.user_disabled),
            next_at=self._first_slot(known, schedule, message),
            problem=problem,
        )
        self._emit(event)
        self._set_timer(key)

    def remove(self, message: RemoveTrigger) -> None:
        known = self._triggers.by_key.get(_key(message))
        if known is None or message.revision <= known.revision:
            return
        self._emit(TriggerRemoved(**_names(known), at=self._at))
        self.step.timers.append(Timer(_key(message), None))

    def set_disabled(self, message: SetTriggerDisabled) -> None:
        key = _key(message)
        trigger = self._triggers.by_key.get(key)
        if trigger is None:
            self.reply(message, "missing", "Trigger not found")
            return
        if trigger.user_disabled == message.disabled:
            self.reply(message, "unchanged")
            return
        next_at = trigger.next_at
        schedule = self._schedule(trigger)
        if not message.disabled and not trigger.source_disabled and schedule is not None:
            next_at = self._after_absence(schedule, trigger.next_at, message.at)
        self._emit(
            TriggerDisabledSet(**_names(trigger), at=self._at, disabled=message.disabled, next_at=next_at)
        )
        self._set_timer(key)
        self.reply(message, "ok")

    # ---- slots

    def slot_due(self, key: str, due: Millis) -> None:
        trigger = self._triggers.by_key.get(key)
        if trigger is None or not trigger.idle or trigger.next_at is None:
            return
        schedule = self._schedule(trigger)
        if schedule is None:
            return
        if self._at - max(due, trigger.next_at) > MISSED_AFTER_MS:
            self._recover(trigger, schedule)
        self._fire_due(key, trigger, schedule)

    def unlock(self, message: UnlockTrigger) -> None:
        key = _key(message)
        trigger = self._triggers.by_key.get(key)
        if trigger is None:
            self.reply(message, "missing", "Trigger not found")
            return
        holder = trigger.locked_by
        if holder is None or message.execution_id not in {None, holder}:
            self.reply(message, "unchanged", "the trigger is not locked")
            return
        self._emit(TriggerUnlocked(**_names(trigger), at=self._at, execution_id=holder))
        schedule = self._schedule(trigger)
        if schedule is not None and message.state in schedule.stop_after and not trigger.user_disabled:
            self._emit(
                TriggerDisabledSet(**_names(trigger), at=self._at, disabled=True, next_at=trigger.next_at)
            )
        waited = trigger.next_at is not None and trigger.next_at <= message.at
        if schedule is not None and trigger.idle and waited:
            self._fire_due(key, trigger, schedule)
        else:
            self._set_timer(key)
        self.reply(message, "ok")

    def pass_over(self, key: str, reason: str) -> None:
        """The due slot does not fire."""
        trigger = self._triggers.by_key.get(key)
        schedule = None if trigger is None else self._schedule(trigger)
        if trigger is not None and schedule is not None and trigger.next_at is not None:
            self._skip(trigger, schedule.after(trigger.next_at), reason)
            self._set_timer(key)

    def reply(self, message: SetTriggerDisabled | UnlockTrigger, code: ReplyCode, reason: str = "") -> None:
        if message.request_id is None or message.reply_to is None:
            return
        accepted = code in {"ok", "unchanged"}
        reply = Reply(request_id=message.request_id, accepted=accepted, at=self._at, code=code, reason=reason)
        self._send("replies", message.request_id, reply, message.reply_to)

    # ---- private

    def _first_slot(
        self, known: Trigger | None, schedule: Schedule | None, message: DefineTrigger
    ) -> Millis | None:
        if schedule is None:
            return None
        before = None if known is None else self._schedule(known)
        if known is None or before is None or before.cron != schedule.cron:
            return schedule.after(message.at)
        if known.source_disabled and not message.disabled and not known.user_disabled:
            return self._after_absence(schedule, known.next_at, message.at)
        return known.next_at

    def _after_absence(self, schedule: Schedule, next_at: Millis | None, since: Millis) -> Millis | None:
        """The next slot of a trigger that is enabled again: what passed meanwhile was missed."""
        if next_at is None or next_at > since or schedule.recovery == "ALL":
            return next_at if next_at is not None else schedule.after(since)
        if schedule.recovery == "LAST":
            return schedule.last_until(since)
        return schedule.after(since)

    def _recover(self, trigger: Trigger, schedule: Schedule) -> None:
        first = trigger.next_at
        assert first is not None
        if schedule.recovery == "LAST":
            last = schedule.last_until(self._at)
            if last is not None and last > first:
                self._skip(trigger, last, "missed, recoverMissedSchedules is LAST")
        elif schedule.recovery == "NONE":
            self._skip(trigger, schedule.after(self._at), "missed, recoverMissedSchedules is NONE")

    def _fire_due(self, key: str, trigger: Trigger, schedule: Schedule) -> None:
        """Fire the next slot if its time has come, then wait for the one after it."""
        self._skip_late(trigger, schedule)
        slot = trigger.next_at
        if slot is not None and slot <= self._at:
            execution_id = derive_id("schedule", key, str(slot))
            variables = schedule.variables(slot)
            scope = trigger_scope(_seen(trigger, variables), self._at, execution_id)
            rendered = trigger_start(schedule.templates, scope)
            if rendered is None:
                self._skip(trigger, schedule.after(slot), "its `when` is false")
            else:
                reference = TriggerRef(id=trigger.trigger_id, type=trigger.trigger_type, variables=variables)
                self._fire(key, schedule, execution_id, reference, rendered)
        self._set_timer(key)

    def _fire(
        self,
        key: str,
        schedule: Schedule,
        execution_id: str,
        reference: TriggerRef,
        rendered: TriggerStart,
    ) -> None:
        trigger = self._triggers.by_key[key]
        slot = trigger.next_at
        assert slot is not None
        locks = not schedule.allow_concurrent
        self._emit(
            TriggerFired(
                **_names(trigger),
                at=self._at,
                execution_id=execution_id,
                slot_at=slot,
                next_at=schedule.after(slot),
                locks=locks,
            )
        )
        start = StartExecution(
            execution_id=execution_id,
            namespace=trigger.namespace,
            flow_id=trigger.flow_id,
            at=self._at,
            revision=trigger.revision,
            inputs=rendered.inputs,
            labels=rendered.labels,
            trigger=reference,
            trigger_key=key if locks else None,
            failure=rendered.failure,
        )
        self._send("executions.starts", execution_id, start)

    def _skip_late(self, trigger: Trigger, schedule: Schedule) -> None:
        slot = trigger.next_at
        if schedule.late_maximum_ms is None or slot is None:
            return
        earliest = self._at - schedule.late_maximum_ms
        if slot < earliest:
            self._skip(
                trigger, schedule.after(earliest - 1), f"later than lateMaximumDelay, at {to_iso(self._at)}"
            )

    def _skip(self, trigger: Trigger, next_at: Millis | None, reason: str) -> None:
        slot = trigger.next_at
        assert slot is not None
        self._emit(
            TriggerSkipped(**_names(trigger), at=self._at, slot_at=slot, next_at=next_at, reason=reason)
        )

    def _schedule(self, trigger: Trigger) -> Schedule | None:
        return read_schedule(trigger.trigger_type, trigger.definition, self._zone)

    def _emit(self, event: AnyTriggerEvent) -> None:
        self._triggers.apply(event)
        self.step.events.append(event)

    def _send(self, topic: str, key: str, message: Message, partition: int | None = None) -> None:
        self.step.outbox.append(Outgoing(topic, key, message, partition))

    def _set_timer(self, key: str) -> None:
        """At the next slot while it is idle, none otherwise."""
        trigger = self._triggers.by_key[key]
        self.step.timers.append(Timer(key, trigger.next_at if trigger.idle else None))


class _Names(TypedDict):
    namespace: str
    flow_id: str
    trigger_id: str


def _names(trigger: Trigger) -> _Names:
    return {"namespace": trigger.namespace, "flow_id": trigger.flow_id, "trigger_id": trigger.trigger_id}


def _key(message: DefineTrigger | RemoveTrigger | SetTriggerDisabled | UnlockTrigger) -> str:
    return trigger_key(message.namespace, message.flow_id, message.trigger_id)


def _seen(trigger: Trigger, variables: JsonObject) -> JsonObject:
    """What the templates of a schedule see; ``schedule`` is the old name. Its definition comes without the flow's variables."""
    flow = flow_reference(trigger.namespace, trigger.flow_id, trigger.revision)
    return {**flow, "trigger": variables, "schedule": variables}
