"""The decisions about values of namespaces. Their content passes through: the state knows versions and dates alone."""

from __future__ import annotations

from contracts.machine import TOMBSTONE
from contracts.namespace import DeleteValue, PutValue, ValueState
from contracts.scalars import Millis
from services.executor.registry.decide.answer import Turn, answered_before, refuse, settle
from services.executor.registry.event import ValueDeleted, ValueStored
from services.executor.registry.state import Value


def put(turn: Turn, message: PutValue) -> None:
    if answered_before(turn, message):
        return
    before = turn.state.values.get((message.namespace, message.key))
    # An expired value counts as absent, but its number is not used again.
    lives = before is not None and not _expired(before, turn.at)
    if lives and not message.overwrite:
        refuse(
            turn,
            message,
            "exists",
            f"The key `{message.key}` already exists in namespace `{message.namespace}`",
        )
        return
    change = turn.state.change + 1
    event = ValueStored(
        namespace=message.namespace,
        key=message.key,
        change=change,
        version=1 if before is None else before.version + 1,
        at=turn.at,
        created_at=before.created_at if before is not None and lives else turn.at,
        expires_at=message.expires_at,
    )
    turn.note(event)
    state = ValueState(
        namespace=message.namespace,
        key=message.key,
        change=change,
        kind=message.kind,
        value=message.value,
        uri=message.uri,
        description=message.description,
        version=event.version,
        created_at=event.created_at,
        updated_at=turn.at,
        expires_at=message.expires_at,
    )
    _tell(turn, state, before)
    settle(turn, message, event.version)


def delete(turn: Turn, message: DeleteValue) -> None:
    if answered_before(turn, message):
        return
    before = turn.state.values.get((message.namespace, message.key))
    if before is None:
        refuse(
            turn,
            message,
            "missing",
            f"The key `{message.key}` does not exist in namespace `{message.namespace}`",
        )
        return
    change = turn.state.change + 1
    event = ValueDeleted(
        namespace=message.namespace,
        key=message.key,
        change=change,
        at=turn.at,
    )
    turn.note(event)
    state = ValueState(
        namespace=message.namespace, key=message.key, change=change, deleted=True, updated_at=turn.at
    )
    _tell(turn, state, before)
    settle(turn, message, before.version)


def _expired(value: Value, at: Millis) -> bool:
    return value.expires_at is not None and value.expires_at <= at


def _tell(turn: Turn, state: ValueState, before: Value | None) -> None:
    """Readers see the record of the deletion first; then nothing of the key remains in the topic."""
    name = f"value/{state.namespace}/{state.key}"
    turn.send("namespaces.state", f"{name}@{state.change}", state)
    if before is not None:
        turn.send("namespaces.state", f"{name}@{before.change}", TOMBSTONE)
    if state.deleted:
        turn.send("namespaces.state", f"{name}@{state.change}", TOMBSTONE)
