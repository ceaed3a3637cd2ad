from __future__ import annotations

from datetime import timedelta

from contracts.language.flow.retry import ConstantRetry, ExponentialRetry, RandomRetry, next_attempt_delay

SECOND = timedelta(seconds=1)


def test_a_constant_retry_starts_its_interval_after_the_last_attempt():
    retry = ConstantRetry(interval=SECOND, max_attempts=3)
    assert next_attempt_delay(retry, 1, 0, 5_000, "x") == 6_000
    assert next_attempt_delay(retry, 2, 0, 8_000, "x") == 9_000
    assert next_attempt_delay(retry, 3, 0, 9_000, "x") is None


def test_an_exponential_retry_multiplies_and_is_capped():
    retry = ExponentialRetry(interval=SECOND, max_interval=10 * SECOND, delay_factor=1.5)
    assert [next_attempt_delay(retry, n, 0, 0, "x") for n in (1, 2, 3, 9)] == [1000, 1500, 2250, 10_000]
    assert next_attempt_delay(retry, 1_000_000, 0, 0, "x") == 10_000


def test_a_random_retry_is_within_its_bounds_and_the_same_for_the_same_seed():
    retry = RandomRetry(min_interval=SECOND, max_interval=2 * SECOND)
    delays = [next_attempt_delay(retry, n, 0, 0, "x") for n in range(1, 50)]
    assert all(delay is not None and 1000 <= delay < 2000 for delay in delays)
    assert len(set(delays)) > 30
    assert delays == [next_attempt_delay(retry, n, 0, 0, "x") for n in range(1, 50)]
    assert delays != [next_attempt_delay(retry, n, 0, 0, "y") for n in range(1, 50)]


def test_a_wait_that_does_not_fit_the_budget_is_no_retry():
    retry = ConstantRetry(interval=SECOND, max_duration=5 * SECOND)
    assert next_attempt_delay(retry, 4, 1_000, 5_000, "x") == 6_000
    assert next_attempt_delay(retry, 4, 1_000, 5_001, "x") is None
