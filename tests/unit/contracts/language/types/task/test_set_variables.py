import pytest

from contracts.language.types.task.set_variables import SetVariables, decide


def changed(present, *, overwrite=True, **variables):
    update = decide(SetVariables(variables=variables, overwrite=overwrite)).update
    assert update is not None
    assert update.variables is not None
    return update.variables(present)


def test_maps_are_merged_and_the_rest_is_replaced():
    present = {"a": {"b": 1}, "l": [1]}
    assert changed(present, a={"c": 2}, l=[2]) == {"a": {"b": 1, "c": 2}, "l": [2]}
    assert present == {"a": {"b": 1}, "l": [1]}


def test_what_is_there_is_named_if_it_must_stay():
    with pytest.raises(ValueError, match=r"`a\.b` exists already"):
        changed({"a": {"b": 1}}, overwrite=False, a={"b": 2})
