import pytest

from contracts.language.types.task.fail import FAIL, Fail


@pytest.mark.parametrize(
    ("condition", "fails"),
    [(None, True), (True, True), ("yes", True), (False, False), ("false", False), ("", False), ("0", False)],
)
def test_it_fails_always_or_on_its_condition(condition: str | bool | None, fails: bool) -> None:
    failure = FAIL.decide(Fail(condition=condition, error_message="no rows")).failure
    assert failure == ("no rows" if fails else None)
