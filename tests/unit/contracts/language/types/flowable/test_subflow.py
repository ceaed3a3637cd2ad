from typing import Any

import pytest

from contracts.language.types.behaviour import ChildEnd, RenderingFailed
from contracts.language.types.flowable.subflow import Subflow, compiled, labels_of, result
from contracts.states import State


def test_labels_are_a_map_or_a_list_of_texts_and_scalars():
    assert labels_of({"a": 1, "b": True}) == {"a": "1", "b": "true"}
    assert labels_of([{"key": "a", "value": "x"}]) == {"a": "x"}


@pytest.mark.parametrize("wrong", [{"a": None}, {"a": []}, [{"value": "x"}], {"system.from": "me"}])
def test_what_is_no_label_fails(wrong: Any):
    with pytest.raises(RenderingFailed):
        labels_of(wrong)


@pytest.mark.parametrize("state", [State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED])
def test_a_state_is_transmitted_unless_it_is_not_wanted(state):
    ends = [ChildEnd("c", 0, "", state, {"x": 1})]
    mine = Subflow(namespace="n", flow_id="f")
    assert result(compiled(mine), ends, 1).state is state
    silent = mine.model_copy(update={"transmit_failed": False})
    assert result(compiled(silent), ends, 1).state is State.SUCCESS
    assert result(compiled(silent), ends, 1).outputs == {
        "executionId": "c",
        "state": state.value,
        "outputs": {"x": 1},
    }
