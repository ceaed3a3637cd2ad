"""Answers to the commands of the registry, each of them once."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from contracts import machine
from contracts.reply import Reply
from services.executor.registry.event import JournalEvent, RequestAnswered
from services.executor.registry.state import RegistryState

Refusal: TypeAlias = Literal["exists", "missing", "conflict", "invalid"]
Turn: TypeAlias = machine.Turn[RegistryState, JournalEvent]


class Command(Protocol):
    @property
    def request_id(self) -> str: ...

    @property
    def reply_to(self) -> int: ...


def refuse(turn: Turn, message: Command, code: Refusal, reason: str) -> None:
    reply = Reply(request_id=message.request_id, accepted=False, at=turn.at, code=code, reason=reason)
    turn.send("replies", message.request_id, reply, message.reply_to)


def accept(
    turn: Turn,
    message: Command,
    *,
    revision: int | None,
    code: Literal["ok", "unchanged"] = "ok",
    change: int | None = None,
) -> None:
    reply = Reply(
        request_id=message.request_id,
        accepted=True,
        at=turn.at,
        code=code,
        revision=revision,
        change=change,
    )
    turn.send("replies", message.request_id, reply, message.reply_to)


def settle(turn: Turn, message: Command, revision: int) -> None:
    """Accept a command that changed values or files. If it comes again, it gets this answer and changes nothing."""
    change = turn.state.change
    turn.note(RequestAnswered(request_id=message.request_id, revision=revision, change=change))
    accept(turn, message, revision=revision, change=change)


def answered_before(turn: Turn, message: Command) -> bool:
    """Answer a request that stored something and came again."""
    given = turn.state.requests.get(message.request_id)
    if given is None:
        return False
    accept(turn, message, revision=given.revision, change=given.change)
    return True
