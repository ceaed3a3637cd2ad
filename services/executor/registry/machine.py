"""The decisions about revisions of flows, and who must hear of them. Knows of a flow its triggers and its limit, no more."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal, TypeAlias

from contracts.limit import SetLimit
from contracts.machine import Input, Outgoing, Step
from contracts.message import Message
from contracts.registry import DeleteFlow, FlowState, PutFlow
from contracts.reply import Reply
from contracts.scalars import Millis, flow_key, trigger_key
from contracts.trigger import DefineTrigger, RemoveTrigger
from services.executor.registry.event import AnyRegistryEvent, RevisionStored
from services.executor.registry.source import Facts, Unparsable, read_facts
from services.executor.registry.state import Flows, Latest

Refusal: TypeAlias = Literal["exists", "missing", "conflict", "invalid"]


class RegistryMachine:
    events: object = AnyRegistryEvent
    published: str | None = None

    def __init__(self) -> None:
        self.flows = Flows()

    def step(self, message: Input, at: Millis) -> Step:
        decision = _Decision(self.flows, at)
        match message:
            case PutFlow():
                decision.put(message)
            case DeleteFlow():
                decision.delete(message)
            case _:
                raise TypeError(f"not for the registry: {type(message).__name__}")
        return decision.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        decision = _Decision(self.flows, at)
        if isinstance(message, PutFlow | DeleteFlow):
            decision.refuse(message, "invalid", f"internal error in the registry: {error}")
        return decision.step

    def evolve(self, event: AnyRegistryEvent) -> None:
        self.flows.apply(event)

    def public_key(self, event: AnyRegistryEvent) -> str | None:  # noqa: ARG002 - flows.state is the public side
        return None

    def dump(self) -> Iterable[bytes]:
        return self.flows.dump()

    def load(self, items: Iterable[bytes]) -> None:
        self.flows.load(items)


class _Decision:
    def __init__(self, flows: Flows, at: Millis) -> None:
        self._flows = flows
        self._at = at
        self.step = Step()

    def put(self, message: PutFlow) -> None:
        if self._answered_before(message):
            return
        latest = self._flows.by_key.get(flow_key(message.namespace, message.flow_id))
        exists = latest is not None and not latest.deleted
        if message.mode == "create" and exists:
            self.refuse(message, "exists", "Flow id already exists")
        elif message.mode == "update" and not exists:
            self.refuse(message, "missing", "Flow not found")
        elif message.expected_revision is not None and message.expected_revision != _revision(latest):
            self.refuse(
                message,
                "conflict",
                f"expected revision {message.expected_revision}, the latest is {_revision(latest)}",
            )
        elif latest is not None and exists and latest.source_hash == _hash(message.source):
            self._reply(message, code="unchanged", revision=latest.revision)
        else:
            self._put_revision(message, latest)

    def delete(self, message: DeleteFlow) -> None:
        if self._answered_before(message):
            return
        latest = self._flows.by_key.get(flow_key(message.namespace, message.flow_id))
        if latest is None or latest.deleted:
            self.refuse(message, "missing", "Flow not found")
        else:
            self._store(message, latest, "", Facts())

    def refuse(self, message: PutFlow | DeleteFlow, code: Refusal, reason: str) -> None:
        reply = Reply(request_id=message.request_id, accepted=False, at=self._at, code=code, reason=reason)
        self._send("replies", message.request_id, reply, message.reply_to)

    # ---- private

    def _put_revision(self, message: PutFlow, latest: Latest | None) -> None:
        try:
            facts = read_facts(message.source, message.namespace, message.flow_id)
        except Unparsable as unparsable:
            self.refuse(message, "invalid", unparsable.reason)
            return
        self._store(message, latest, message.source, facts)

    def _store(self, message: PutFlow | DeleteFlow, latest: Latest | None, source: str, facts: Facts) -> None:
        namespace, flow_id = message.namespace, message.flow_id
        state = FlowState(
            namespace=namespace,
            flow_id=flow_id,
            revision=_revision(latest) + 1,
            source=source,
            at=self._at,
            created_at=self._at if latest is None else latest.created_at,
            deleted=isinstance(message, DeleteFlow),
        )
        event = RevisionStored(
            namespace=namespace,
            flow_id=flow_id,
            revision=state.revision,
            source_hash=_hash(source),
            at=self._at,
            created_at=state.created_at,
            request_id=message.request_id,
            deleted=state.deleted,
            trigger_ids=[trigger.id for trigger in facts.triggers],
            limit=facts.limit,
            behavior=facts.behavior,
        )
        self._flows.apply(event)
        self.step.events.append(event)
        key = flow_key(namespace, flow_id)
        self._send("flows.state", f"{key}@{state.revision}", state)
        self._tell_triggers(event, latest, facts)
        self._tell_limits(event, latest)
        self._reply(message, code="ok", revision=state.revision)

    def _tell_triggers(self, event: RevisionStored, latest: Latest | None, facts: Facts) -> None:
        namespace, flow_id = event.namespace, event.flow_id
        for trigger in facts.triggers:
            define = DefineTrigger(
                namespace=namespace,
                flow_id=flow_id,
                revision=event.revision,
                trigger_id=trigger.id,
                trigger_type=trigger.type,
                definition=trigger.definition,
                at=self._at,
                disabled=trigger.disabled or facts.disabled,
            )
            self._send("triggers.commands", trigger_key(namespace, flow_id, trigger.id), define)
        for trigger_id in latest.trigger_ids if latest is not None else ():
            if trigger_id not in event.trigger_ids:
                remove = RemoveTrigger(
                    namespace=namespace,
                    flow_id=flow_id,
                    revision=event.revision,
                    trigger_id=trigger_id,
                    at=self._at,
                )
                self._send("triggers.commands", trigger_key(namespace, flow_id, trigger_id), remove)

    def _tell_limits(self, event: RevisionStored, latest: Latest | None) -> None:
        before = (latest.limit, latest.behavior) if latest is not None else (None, "QUEUE")
        if (event.limit, event.behavior) == before:
            return
        key = f"flow:{flow_key(event.namespace, event.flow_id)}"
        wish = SetLimit(limit_key=key, limit=event.limit, behavior=event.behavior, at=self._at)
        self._send("limits.commands", key, wish)

    def _answered_before(self, message: PutFlow | DeleteFlow) -> bool:
        revision = self._flows.requests.get(message.request_id)
        if revision is None:
            return False
        self._reply(message, code="ok", revision=revision)
        return True

    def _reply(
        self, message: PutFlow | DeleteFlow, *, code: Literal["ok", "unchanged"], revision: int
    ) -> None:
        reply = Reply(request_id=message.request_id, accepted=True, at=self._at, code=code, revision=revision)
        self._send("replies", message.request_id, reply, message.reply_to)

    def _send(self, topic: str, key: str, message: Message, partition: int | None = None) -> None:
        self.step.outbox.append(Outgoing(topic, key, message, partition))


def _revision(latest: Latest | None) -> int:
    return 0 if latest is None else latest.revision


def _hash(source: str) -> str:
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
