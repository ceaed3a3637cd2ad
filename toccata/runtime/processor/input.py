"""The inputs of a partition: where they come from, and those whose step raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.codec import Codec
from contracts.scalars import Millis

ANEW = -1
"""The offset of an :class:`Offered` that says: this topic was made anew, so its offsets begin again."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input topic of a processor."""

    topic: str
    codec: Codec[Any]
    ready: Callable[[Any], bool] | None = None
    """False: hold back this input and all later ones of the topic (for admission, or until its flow is read)."""
    key: Callable[[Any], str | None] | None = None
    """The key that an input must have, None for an input that is meant for its partition. Foreign clients may hash keys differently; such
    an input is sent on to its own partition."""
    refuse: Callable[[Any], str] | None = None
    """Why an input may not be said on this topic. Not empty: it is buried with that reason."""
    urgency: int = 0
    """Inputs of the most urgent sources are taken first; among equals, those of the source that stands first."""
    logged: bool = False
    """The machine gets each message as :class:`Logged`, with the time of its record."""


@dataclass(slots=True)
class Offered:
    """An input as read."""

    source: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: Millis = 0
    """The time of its record in the log."""


Position: TypeAlias = tuple[int, int | tuple[str, Millis]]
"""The place of an input: index of its source and offset, or TIMER with name and due time. Timers of one name come again."""


@dataclass(frozen=True, slots=True)
class Failing:
    """An input whose step raised."""

    trace: str
    hopeless: bool = False
    """``machine.fail`` raised too, so the input can only be skipped."""


class StepRaised(Exception):
    """The machine raised on an input. Rebuild from the log, with this input marked as failing."""

    def __init__(self, position: Position, failing: Failing) -> None:
        super().__init__(failing.trace)
        self.input = position
        self.failing = failing

    @property
    def trace(self) -> str:
        return self.failing.trace
