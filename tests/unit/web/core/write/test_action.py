"""What a person is told who kills or restarts an execution in a state that does not allow it."""

from __future__ import annotations

import pytest

from contracts.execution import History
from contracts.states import ENDED, State
from services.web.core.live import Live
from services.web.core.write.action import (
    RESTART,
    RESTARTABLE,
    change_status,
    not_changeable,
    not_killable,
    not_pausable,
    not_restartable,
    not_resumable,
    set_state,
)


def live(state: State) -> Live:
    return Live("e", "n", "f", revision=1, seq=1, histories=[History(state, 0)])


def test_restarting_a_success_names_its_state_and_those_that_can_be_restarted():
    assert RESTART.refused(not_restartable(live(State.SUCCESS))) == (
        "Cannot restart execution: current state is 'SUCCESS', expected terminated. "
        "Only CANCELLED, FAILED, KILLED, PAUSED and WARNING executions can be restarted"
    )


def test_killing_an_ended_execution_says_how_it_ended():
    assert not_killable(live(State.KILLED)) == "execution is already terminated: it has ended as KILLED"


def test_a_killed_execution_keeps_its_state():
    assert not_changeable(live(State.FAILED)) == ""
    for action in (change_status(State.WARNING), set_state("r", State.SUCCESS)):
        refusal = action.refused(not_changeable(live(State.KILLED)))
        assert refusal.endswith(
            "state: execution must be terminated and not killed. Here it has ended as KILLED"
        )


@pytest.mark.parametrize("state", State)
def test_every_state_is_allowed_or_refused_with_its_name(state):
    assert bool(not_restartable(live(state))) == (state not in RESTARTABLE)
    assert bool(not_killable(live(state))) == (state in ENDED)
    for refusal in (not_restartable(live(state)), not_killable(live(state))):
        assert not refusal or state in refusal


def test_only_what_runs_is_paused_and_only_what_is_paused_is_resumed():
    assert not_pausable(live(State.RUNNING)) == not_resumable(live(State.PAUSED)) == ""
    assert not_pausable(live(State.PAUSED)) == "execution is not running: it is PAUSED"
    assert not_resumable(live(State.SUCCESS)) == "execution is not paused: it has ended as SUCCESS"
