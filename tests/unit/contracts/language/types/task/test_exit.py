import pytest

from contracts.language.types.task.exit import Exit, decide
from contracts.states import State


@pytest.mark.parametrize(("word", "state"), [("Success", State.SUCCESS), (" CANCELED ", State.CANCELLED)])
def test_a_word_is_a_state(word, state):
    update = decide(Exit(state=word)).update
    assert update is not None
    assert update.exit is state


def test_another_word_is_a_failure():
    assert decide(Exit(state="RUNNING")).failure
