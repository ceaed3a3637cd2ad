"""The only entrance to the registry. It chooses the decision for an input, and keeps the state between decisions."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.codec import Codec
from contracts.machine import Input, Step, Turn
from contracts.namespace import (
    DeleteFiles,
    DeleteValue,
    ForgetRevisions,
    MoveFiles,
    PutFile,
    PutValue,
)
from contracts.registry import DeleteFlow, DeleteRevisions, PutFlow
from contracts.scalars import Millis
from services.executor.registry import dump
from services.executor.registry.decide import file, flow, value
from services.executor.registry.decide.answer import refuse
from services.executor.registry.event import JOURNAL, JournalEvent
from services.executor.registry.evolve import evolve
from services.executor.registry.source import ReadFacts, read_facts
from services.executor.registry.state import RegistryState

_COMMANDS = (
    PutFlow,
    DeleteFlow,
    DeleteRevisions,
    PutValue,
    DeleteValue,
    PutFile,
    DeleteFiles,
    MoveFiles,
    ForgetRevisions,
)


class RegistryMachine:
    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = None

    def __init__(self, facts: ReadFacts = read_facts) -> None:
        """``facts`` says what the source of a flow says. It may have been read before."""
        self.state = RegistryState()
        self._facts = facts

    def step(self, message: Input, at: Millis) -> Step:
        turn = Turn(self.state, at, evolve)
        match message:
            case PutFlow():
                flow.put(turn, message, self._facts)
            case DeleteFlow():
                flow.delete(turn, message)
            case DeleteRevisions():
                flow.delete_revisions(turn, message)
            case PutValue():
                value.put(turn, message)
            case DeleteValue():
                value.delete(turn, message)
            case PutFile():
                file.put(turn, message)
            case DeleteFiles():
                file.delete(turn, message)
            case MoveFiles():
                file.move(turn, message)
            case ForgetRevisions():
                file.forget(turn, message)
            case _:
                raise TypeError(f"the registry cannot decide a {type(message).__name__}")
        return turn.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        turn = Turn(self.state, at, evolve)
        if isinstance(message, _COMMANDS):
            refuse(turn, message, "invalid", f"internal error in the registry: {error}")
        return turn.step

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:  # noqa: ARG002 - flows.state is its public topic
        return None

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    def entities(self) -> Iterable[str]:
        return dump.entities(self.state)

    def take_touched(self) -> Iterable[str]:
        touched, self.state.touched = self.state.touched, {}
        return touched

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return dump.dump_entity(self.state, entity)

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        dump.load_entities(self.state, entities)

    def timer_owner(self, name: str) -> str:  # noqa: ARG002 - the registry has no timers
        return ""
