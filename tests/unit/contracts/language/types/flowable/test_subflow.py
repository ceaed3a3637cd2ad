from typing import Any

import pytest

from contracts.language.types.behaviour import ChildEnd
from contracts.language.types.flowable.subflow import Subflow, compiled, result
from contracts.states import State

NO_RENDERING: Any = None
"""These results need none."""


@pytest.mark.parametrize("state", [State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED])
def test_a_state_is_transmitted_unless_it_is_not_wanted(state):
    ends = [ChildEnd("c", 0, "", state, {"x": 1})]
    mine = Subflow(namespace="n", flow_id="f")
    assert result(compiled(mine), NO_RENDERING, ends, 1).state is state
    silent = mine.model_copy(update={"transmit_failed": False})
    assert result(compiled(silent), NO_RENDERING, ends, 1).state is State.SUCCESS
    assert result(compiled(silent), NO_RENDERING, ends, 1).outputs == {
        "executionId": "c",
        "state": state.value,
        "outputs": {"x": 1},
    }
