"""The caller's part of a rendering: variables, the time, a seed, ports to the outside, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    max_output_chars: int = 1_048_576
    max_steps: int = 1_000_000
    """The operations of one rendering: loop rounds, calls, filters."""
    max_elements: int = 1_000_000
    """The size of one list that a range or a filter creates."""
    max_passes: int = 100
    """How often ``render()`` may render its own result."""
    expired: Callable[[], bool] | None = None
    """Asked every thousand steps. True ends the rendering."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Scope:
    variables: Mapping[str, object]
    now: datetime
    """Aware. The only source of time."""
    seed: int
    """The only source of randomness."""
    ports: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    """Functions that call something outside, by name."""
    limits: Limits = DEFAULT_LIMITS
