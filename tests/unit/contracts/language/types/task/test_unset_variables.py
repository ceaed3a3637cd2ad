import pytest

from contracts.language.types.task.unset_variables import UnsetVariables, decide


def changed(present, *names, ignore=False):
    update = decide(UnsetVariables(variables=list(names), ignore_missing=ignore)).update
    assert update is not None
    assert update.variables is not None
    return update.variables(present)


def test_names_and_paths_are_removed():
    assert changed({"a": {"b": 1, "c": 2}, "d": 3}, "a.b", "d") == {"a": {"c": 2}}


def test_what_is_missing_is_named_unless_that_does_not_matter():
    with pytest.raises(ValueError, match=r"`d\.x` does not exist"):
        changed({"d": 3}, "d.x")
    assert changed({"d": 3}, "d.x", ignore=True) == {"d": 3}
