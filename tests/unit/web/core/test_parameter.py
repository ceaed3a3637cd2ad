import pytest

from services.web.core.parameter import flag, whole_number
from services.web.core.problem import Problem


@pytest.mark.parametrize(("text", "value"), [("true", True), ("FALSE", False), (None, True), ("", True)])
def test_a_flag_is_a_word_or_its_default(text, value):
    assert flag(text, name="wait", default=True) is value


def test_another_word_is_refused_by_its_name():
    with pytest.raises(Problem, match="`wait` must be true or false"):
        flag("yes", name="wait")


@pytest.mark.parametrize(("text", "value"), [("7", 7), (None, None), ("", None), ("999999999", 999_999_999)])
def test_a_number_is_digits_alone(text, value):
    assert whole_number(text, name="revision") == value


@pytest.mark.parametrize("text", ["-1", "1.0", "x", "\u0663", "1234567890"])
def test_what_is_no_number_is_refused_by_its_name(text):
    with pytest.raises(Problem, match="`revision` must be a number"):
        whole_number(text, name="revision")
