"""The executor tells a Flow trigger of an execution that reached a state."""

from __future__ import annotations

import pytest

from contracts.states import State
from services.trigger_listener.core.decide.moved import WAIT_MS
from tests.support.rig.moved import KEY, MovedRig, upstream


@pytest.fixture
def rig() -> MovedRig:
    return MovedRig()


def test_a_message_that_comes_again_means_nothing(rig: MovedRig) -> None:
    rig.define()
    message = rig.moved()
    (start,) = rig.starts(rig.when(message))
    rig.restart(snapshot=True)
    assert rig.when(message).events == []
    rig.machine.state.by_key[KEY].heard.clear()
    assert rig.starts(rig.when(message))[0].execution_id == start.execution_id


def test_each_change_of_state_counts(rig: MovedRig) -> None:
    rig.define()
    paused = rig.moved(state=State.PAUSED, id="e", seq=3)
    ended = rig.moved(id="e", seq=9)
    found = rig.starts(rig.when(paused), rig.when(ended), rig.when(paused))
    assert len({start.execution_id for start in found}) == 2


def test_a_disabled_trigger_hears_nothing(rig: MovedRig) -> None:
    rig.define(preconditions=upstream("orders"))
    rig.disable()
    assert rig.hear() == []
    assert rig.machine.state.by_key[KEY].windows == {}
    rig.define(disabled=True)
    assert rig.hear() == []


def test_what_comes_before_the_definition_waits_for_it(rig: MovedRig) -> None:
    early = rig.moved(of_revision=1)
    assert rig.starts(rig.when(early)) == []
    rig.restart(snapshot=True)
    assert len(rig.starts(rig.define())) == 1
    assert rig.timers == {}
    rig.assert_rebuilds()


def test_an_older_definition_does_not_decide(rig: MovedRig) -> None:
    rig.define(states=["FAILED"])
    assert rig.hear(of_revision=2) == []
    assert len(rig.starts(rig.define())) == 1


def test_a_removed_trigger_stays_removed(rig: MovedRig) -> None:
    rig.define()
    rig.remove()
    assert rig.hear(of_revision=1) == []
    rig.wait(WAIT_MS)
    assert rig.machine.state.early == {}
    assert rig.machine.state.by_key == {}
    rig.assert_rebuilds()


def test_what_waits_is_decided_in_parts(rig: MovedRig) -> None:
    for _ in range(3):
        rig.hear(of_revision=1, outputs={"x": "x" * 150_000})
    assert len(rig.starts(rig.define())) == 1
    assert len(rig.starts(*rig.settle())) == 2
    assert rig.machine.state.early == {}
    assert rig.timers == {}
    rig.assert_rebuilds()


def test_a_decision_that_raised_is_passed_over(rig: MovedRig) -> None:
    rig.define()
    rig.when_it_raised(rig.moved())
    assert rig.machine.state.by_key[KEY].problem == "internal error: boom"
    assert rig.lines() == ["internal error: boom"]
    rig.assert_rebuilds()
