"""When the next attempt of a task starts, if at all (flow-language 2.2)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import assert_never

from contracts.flow.model import ConstantRetry, ExponentialRetry, RandomRetry, Retry

_MILLISECOND = timedelta(milliseconds=1)


def next_attempt_delay(
    retry: Retry, attempt_count: int, first_started_ms: int, last_ended_ms: int, seed: str | int
) -> int | None:
    """The instant (milliseconds since the epoch) at which the next attempt starts, or None if no retry is left.
    ``attempt_count`` attempts were made; a random delay follows from the seed and that count alone."""
    if retry.max_attempts is not None and attempt_count >= retry.max_attempts:
        return None
    at = last_ended_ms + retry_delay(retry, attempt_count, seed)
    if retry.max_duration is not None and at > first_started_ms + retry.max_duration // _MILLISECOND:
        return None
    return at


def retry_delay(retry: Retry, attempt_count: int, seed: str | int) -> int:
    """Milliseconds from the end of the last of ``attempt_count`` attempts to the start of the next."""
    match retry:
        case ConstantRetry():
            return retry.interval // _MILLISECOND
        case ExponentialRetry():
            return _exponential(retry, attempt_count)
        case RandomRetry():
            low, high = retry.min_interval // _MILLISECOND, retry.max_interval // _MILLISECOND
            digest = blake2b(f"{seed}\x1f{attempt_count}".encode(), digest_size=8).digest()
            return low + int.from_bytes(digest, "big") % max(high - low, 1)
        case _:
            assert_never(retry)


def _exponential(retry: ExponentialRetry, attempt_count: int) -> int:
    longest = retry.max_interval // _MILLISECOND
    try:
        delay = (retry.interval // _MILLISECOND) * retry.delay_factor ** max(attempt_count - 1, 0)
    except OverflowError:
        return longest
    return int(min(longest, delay))
