"""Answers are given once for each request, and remembered."""

from __future__ import annotations

from contracts.machine import Turn
from contracts.namespace import DeleteValue
from contracts.reply import Reply
from services.executor.registry.decide.answer import accept, answered_before, refuse, settle
from services.executor.registry.event import JournalEvent
from services.executor.registry.evolve import evolve
from services.executor.registry.state import RegistryState

COMMAND = DeleteValue(namespace="n", key="k", at=1, request_id="r", reply_to=7)


def a_turn(state: RegistryState | None = None) -> Turn[RegistryState, JournalEvent]:
    return Turn(state or RegistryState(), 5, evolve)


def reply(turn: Turn[RegistryState, JournalEvent]) -> Reply:
    (out,) = turn.step.outbox
    assert (out.topic, out.key, out.partition) == ("replies", "r", 7)
    assert isinstance(out.message, Reply)
    return out.message


def test_an_answer_goes_to_the_partition_that_the_request_names() -> None:
    turn = a_turn()
    refuse(turn, COMMAND, "missing", "why")
    assert reply(turn) == Reply(request_id="r", accepted=False, at=5, code="missing", reason="why")


def test_an_acceptance_that_changed_nothing_is_not_remembered() -> None:
    turn = a_turn()
    accept(turn, COMMAND, revision=3, code="unchanged", change=4)
    assert (reply(turn).revision, reply(turn).change) == (3, 4)
    assert not answered_before(a_turn(turn.state), COMMAND)


def test_a_settled_request_is_answered_the_same_again() -> None:
    turn = a_turn()
    turn.state.change = 9
    settle(turn, COMMAND, 2)
    again = a_turn(turn.state)
    assert answered_before(again, COMMAND)
    assert reply(again) == reply(turn)
