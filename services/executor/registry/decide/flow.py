"""The decisions about revisions of flows, and who hears of them. Of a flow it only knows triggers and limit."""

from __future__ import annotations

from hashlib import blake2b

from contracts.limit import SetLimit
from contracts.registry import DeleteFlow, DeleteRevisions, FlowState, PutFlow
from contracts.scalars import flow_key, trigger_key
from contracts.trigger import DefineTrigger, RemoveTrigger
from services.executor.registry.decide.answer import Turn, accept, answered_before, refuse
from services.executor.registry.event import RevisionStored
from services.executor.registry.source import Facts, ReadFacts, Unparsable
from services.executor.registry.state import Latest


def put(turn: Turn, message: PutFlow, read: ReadFacts) -> None:
    if answered_before(turn, message):
        return
    latest = turn.state.by_key.get(flow_key(message.namespace, message.flow_id))
    exists = latest is not None and not latest.deleted
    if message.mode == "create" and exists:
        refuse(turn, message, "exists", "Flow id already exists")
    elif message.mode == "update" and not exists:
        refuse(turn, message, "missing", "Flow not found")
    elif message.expected_revision is not None and message.expected_revision != _revision(latest):
        refuse(
            turn,
            message,
            "conflict",
            f"expected revision {message.expected_revision}, the latest is {_revision(latest)}",
        )
    elif latest is not None and exists and latest.source_hash == _hash(message.source):
        accept(turn, message, code="unchanged", revision=latest.revision)
    else:
        _put_revision(turn, message, latest, read)


def delete(turn: Turn, message: DeleteFlow) -> None:
    if answered_before(turn, message):
        return
    latest = turn.state.by_key.get(flow_key(message.namespace, message.flow_id))
    if latest is None or latest.deleted:
        refuse(turn, message, "missing", "Flow not found")
    else:
        _store(turn, message, latest, "", Facts())


def delete_revisions(turn: Turn, message: DeleteRevisions) -> None:
    """Nothing is noted: the registry knows only the latest revision, and the others stand in ``flows.state`` alone."""
    key = flow_key(message.namespace, message.flow_id)
    latest = turn.state.by_key.get(key)
    if latest is None or latest.deleted:
        refuse(turn, message, "missing", "Flow not found")
        return
    beyond = [number for number in message.revisions if not 1 <= number < latest.revision]
    if beyond:
        reason = (
            f"revision {beyond[0]} cannot be deleted: only those before the latest, {latest.revision}, can"
        )
        refuse(turn, message, "invalid", reason)
        return
    for number in message.revisions:
        state = FlowState(
            namespace=message.namespace,
            flow_id=message.flow_id,
            revision=number,
            source="",
            at=turn.at,
            created_at=latest.created_at,
            deleted=True,
            removed=True,
        )
        turn.send("flows.state", f"{key}@{number}", state)
    accept(turn, message, revision=latest.revision)


def _put_revision(turn: Turn, message: PutFlow, latest: Latest | None, read: ReadFacts) -> None:
    try:
        facts = read(message.source, message.namespace, message.flow_id)
    except Unparsable as unparsable:
        refuse(turn, message, "invalid", unparsable.reason)
        return
    _store(turn, message, latest, message.source, facts)


def _store(
    turn: Turn, message: PutFlow | DeleteFlow, latest: Latest | None, source: str, facts: Facts
) -> None:
    namespace, flow_id = message.namespace, message.flow_id
    state = FlowState(
        namespace=namespace,
        flow_id=flow_id,
        revision=_revision(latest) + 1,
        source=source,
        at=turn.at,
        created_at=turn.at if latest is None else latest.created_at,
        deleted=isinstance(message, DeleteFlow),
    )
    event = RevisionStored(
        namespace=namespace,
        flow_id=flow_id,
        revision=state.revision,
        source_hash=_hash(source),
        at=turn.at,
        created_at=state.created_at,
        request_id=message.request_id,
        deleted=state.deleted,
        trigger_ids=[trigger.id for trigger in facts.triggers],
        limit=facts.limit,
        behavior=facts.behavior,
    )
    turn.note(event)
    key = flow_key(namespace, flow_id)
    turn.send("flows.state", f"{key}@{state.revision}", state)
    _tell_triggers(turn, event, latest, facts)
    _tell_limits(turn, event, latest)
    accept(turn, message, revision=state.revision)


def _tell_triggers(turn: Turn, event: RevisionStored, latest: Latest | None, facts: Facts) -> None:
    namespace, flow_id = event.namespace, event.flow_id
    for trigger in facts.triggers:
        define = DefineTrigger(
            namespace=namespace,
            flow_id=flow_id,
            revision=event.revision,
            trigger_id=trigger.id,
            trigger_type=trigger.type,
            definition=trigger.definition,
            at=turn.at,
            disabled=trigger.disabled or facts.disabled,
            variables=trigger.variables,
        )
        turn.send("triggers.commands", trigger_key(namespace, flow_id, trigger.id), define)
    for trigger_id in latest.trigger_ids if latest is not None else ():
        if trigger_id not in event.trigger_ids:
            remove = RemoveTrigger(
                namespace=namespace,
                flow_id=flow_id,
                revision=event.revision,
                trigger_id=trigger_id,
                at=turn.at,
            )
            turn.send("triggers.commands", trigger_key(namespace, flow_id, trigger_id), remove)


def _tell_limits(turn: Turn, event: RevisionStored, latest: Latest | None) -> None:
    before = (latest.limit, latest.behavior) if latest is not None else (None, "QUEUE")
    if (event.limit, event.behavior) == before:
        return
    key = f"flow:{flow_key(event.namespace, event.flow_id)}"
    limit = SetLimit(limit_key=key, limit=event.limit, behavior=event.behavior, at=turn.at)
    turn.send("limits.commands", key, limit)


def _revision(latest: Latest | None) -> int:
    return 0 if latest is None else latest.revision


def _hash(source: str) -> str:
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
