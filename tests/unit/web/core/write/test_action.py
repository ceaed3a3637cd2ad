"""What a person is told who kills or restarts an execution in a state that does not allow it."""

from __future__ import annotations

import pytest

from contracts.execution import History
from contracts.states import ENDED, State
from services.web.core.live import Live
from services.web.core.write.action import (
    RESTARTABLE,
    not_killable,
    not_pausable,
    not_restartable,
    not_resumable,
)


def live(state: State) -> Live:
    return Live("e", "n", "f", revision=1, seq=1, histories=[History(state, 0)])


def test_restarting_a_success_names_its_state_and_those_that_can_be_restarted():
    assert not_restartable(live(State.SUCCESS)) == (
        "The execution has ended as SUCCESS: only CANCELLED, FAILED, KILLED, PAUSED and WARNING executions "
        "can be restarted"
    )
    assert not_restartable(live(State.RUNNING)).startswith("The execution is RUNNING: only ")


def test_killing_an_ended_execution_says_that_nothing_is_left():
    assert (
        not_killable(live(State.KILLED)) == "The execution has ended as KILLED: there is nothing left to kill"
    )


@pytest.mark.parametrize("state", State)
def test_every_state_is_allowed_or_refused_with_its_name(state):
    assert bool(not_restartable(live(state))) == (state not in RESTARTABLE)
    assert bool(not_killable(live(state))) == (state in ENDED)
    for refusal in (not_restartable(live(state)), not_killable(live(state))):
        assert not refusal or state in refusal


def test_only_what_runs_is_paused_and_only_what_is_paused_is_resumed():
    assert not_pausable(live(State.RUNNING)) == not_resumable(live(State.PAUSED)) == ""
    assert (
        not_pausable(live(State.PAUSED)) == "The execution is PAUSED: only RUNNING executions can be paused"
    )
    assert not_resumable(live(State.SUCCESS)).startswith("The execution has ended as SUCCESS: only PAUSED")
