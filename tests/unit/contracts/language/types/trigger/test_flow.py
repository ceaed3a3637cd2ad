from __future__ import annotations

import pytest

from contracts.language.types.trigger.flow import Dependency, Filter, Preconditions
from contracts.states import State


def test_states_are_read_in_any_case_and_labels_in_both_forms() -> None:
    read = Dependency.model_validate(
        {"flowId": "f", "states": ["success"], "labels": [{"key": "a", "value": "b"}]}
    )
    assert read.states == (State.SUCCESS,)
    assert read.labels == {"a": "b"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"field": "STATE", "type": "EQUAL_TO"}, "`value` must be given for `EQUAL_TO`"),
        ({"field": "EXPRESSION", "type": "IS_TRUE"}, "`value` must be given for `EXPRESSION`"),
        ({"field": "STATE", "type": "IN", "value": "x"}, "`values` must be given for `IN`"),
        ({"field": "STATE", "type": "EQUAL_TO", "value": "x", "values": []}, "use `value`"),
    ],
)
def test_a_filter_has_what_it_compares_with(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Filter.model_validate(written)


def test_parts_of_where_have_different_names() -> None:
    where = {"id": "w", "filters": [{"field": "STATE", "type": "IS_NULL"}]}
    with pytest.raises(ValueError, match="given once"):
        Preconditions.model_validate({"id": "p", "where": [where, where]})
    with pytest.raises(ValueError, match="must match"):
        Preconditions.model_validate({"id": "p q", "where": [where]})
