"""How often a task is tried, as written, and when its next attempt starts (docs/language/tasks.md#retry)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Annotated, Literal, TypeAlias, assert_never

from pydantic import BeforeValidator, Field, model_validator

from contracts.language.flow.field import FlowModel
from contracts.language.types.duration import format_duration
from contracts.language.types.property import Duration, upper

_MILLISECOND = timedelta(milliseconds=1)


class BaseRetry(FlowModel):
    max_attempts: int | None = Field(default=None, ge=1, alias="maxAttempts")
    max_duration: Duration | None = None
    warning_on_retry: bool = False
    behavior: Annotated[Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"], BeforeValidator(upper)] = (
        "RETRY_FAILED_TASK"
    )

    @model_validator(mode="before")
    @classmethod
    def _old_name(cls, value: object) -> object:
        if isinstance(value, Mapping) and "maxAttempt" in value:
            if "maxAttempts" in value:
                raise ValueError("`maxAttempt` is the old name of `maxAttempts`: write one of them")
            return {("maxAttempts" if key == "maxAttempt" else key): each for key, each in value.items()}
        return value


class ConstantRetry(BaseRetry):
    type: Literal["constant"] = "constant"
    interval: Duration

    @model_validator(mode="after")
    def _ordered(self) -> ConstantRetry:
        _less("interval", self.interval, "maxDuration", self.max_duration)
        return self


class ExponentialRetry(BaseRetry):
    type: Literal["exponential"] = "exponential"
    interval: Duration
    max_interval: Duration
    delay_factor: float = Field(default=2.0, gt=0, le=1_000_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> ExponentialRetry:
        _less("interval", self.interval, "maxDuration", self.max_duration)
        _less("interval", self.interval, "maxInterval", self.max_interval)
        return self


class RandomRetry(BaseRetry):
    type: Literal["random"] = "random"
    min_interval: Duration
    max_interval: Duration

    @model_validator(mode="after")
    def _ordered(self) -> RandomRetry:
        _less("minInterval", self.min_interval, "maxInterval", self.max_interval)
        _less("minInterval", self.min_interval, "maxDuration", self.max_duration)
        return self


def _less(name: str, value: timedelta, bound_name: str, bound: timedelta | None) -> None:
    if value <= timedelta(0):
        raise ValueError(f"`{name}` must be more than PT0S")
    if bound is not None and value >= bound:
        raise ValueError(f"'{name}' must be less than '{bound_name}' but is {format_duration(value)}")


Retry: TypeAlias = ConstantRetry | ExponentialRetry | RandomRetry
TaggedRetry = Annotated[Retry, Field(discriminator="type")]


def next_attempt_delay(
    retry: Retry, attempt_count: int, first_started_ms: int, last_ended_ms: int, seed: str | int
) -> int | None:
    """Return when the next attempt starts (milliseconds since the epoch), or None if no retry is left. ``attempt_count``
    attempts were made. A random delay depends only on the seed and that count."""
    if retry.max_attempts is not None and attempt_count >= retry.max_attempts:
        return None
    at = last_ended_ms + retry_delay(retry, attempt_count, seed)
    if retry.max_duration is not None and at > first_started_ms + retry.max_duration // _MILLISECOND:
        return None
    return at


def retry_delay(retry: Retry, attempt_count: int, seed: str | int) -> int:
    """Return the milliseconds from the end of the last of ``attempt_count`` attempts to the start of the next."""
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
