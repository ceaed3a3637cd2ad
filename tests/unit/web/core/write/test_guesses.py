"""Wrong and frequent calls of webhooks."""

import pytest

from services.web.core.problem import Problem
from services.web.core.write.guesses import GRID_SECONDS, WRONG_AT_ONCE, Guesses, until_refusal


def guessed(guesses: Guesses, address: str, times: int, now: float = 0.0) -> None:
    for number in range(times):
        guesses.wrong(address, f"a/b/{number}", now)


def test_an_address_that_tries_keys_has_to_wait():
    guesses = Guesses(0, 1)
    guessed(guesses, "1.1.1.1", WRONG_AT_ONCE + 5)
    with pytest.raises(Problem, match="Too many wrong calls") as refused:
        guesses.check("1.1.1.1", "a/b/next", 0.0)
    assert refused.value.status == 429
    assert int(refused.value.headers["Retry-After"]) >= 1
    guesses.check("1.1.1.2", "a/b/next", 0.0)
    guesses.check("1.1.1.1", "a/b/next", 100.0)


def test_who_knows_a_key_goes_on_beside_a_guesser_of_the_same_address():
    guesses = Guesses(0, 1)
    guesses.right("1.1.1.1", "a/b/good", "hook", 0.0)
    guessed(guesses, "1.1.1.1", 1000)
    guesses.check("1.1.1.1", "a/b/good", 0.0)


def test_a_key_that_became_wrong_is_a_guess_again():
    guesses = Guesses(0, 1)
    guesses.right("1.1.1.1", "a/b/good", "hook", 0.0)
    guesses.wrong("1.1.1.1", "a/b/good", 0.0)
    guessed(guesses, "1.1.1.1", 1000)
    with pytest.raises(Problem):
        guesses.check("1.1.1.1", "a/b/good", 0.0)


def test_right_calls_are_bounded_by_webhook_if_a_setting_says_so():
    guesses = Guesses(1, 2)
    for _ in range(2):
        guesses.right("1.1.1.1", "a/b/k", "hook", 0.0)
    with pytest.raises(Problem, match="called too often"):
        guesses.right("1.1.1.2", "a/b/k", "hook", 0.0)
    guesses.right("1.1.1.2", "a/b/other", "other", 0.0)
    free = Guesses(0, 1)
    for _ in range(10_000):
        free.right("1.1.1.1", "a/b/k", "hook", 0.0)


def test_a_refusal_comes_at_the_same_times_whatever_was_looked_up():
    assert until_refusal(10.0, 10.001) == pytest.approx(GRID_SECONDS - 0.001)
    assert until_refusal(10.0, 10.0 + GRID_SECONDS * 1.5) == pytest.approx(GRID_SECONDS / 2)
