"""The caller's part of a rendering: variables, the time, a seed, ports to the outside, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.language.expression.budget import Budget


@dataclass(frozen=True, slots=True)
class Limits:
    max_output_chars: int = 1_048_576
    max_steps: int = 1_000_000
    """The operations of one rendering: loop rounds, calls, filters."""
    max_elements: int = 1_000_000
    """The size of one list that a range or a filter creates."""
    max_passes: int = 100
    """How often ``render()`` may render its own result."""
    max_bytes: int = 134_217_728
    """What all renderings of one scope may allocate together, counted before it is allocated."""
    expired: Callable[[], bool] | None = None
    """Asked every thousand steps. True ends the rendering."""


DEFAULT_LIMITS = Limits()


_NO_PORTS: Mapping[str, Callable[..., object]] = {}


class Scope:
    """Make one for each thing that is rendered, such as a task's properties: its renderings share a budget. Never change one.

    It is a plain class because one is made for almost every rendering, and a frozen dataclass takes three times as long."""

    __slots__ = ("budget", "limits", "now", "ports", "seed", "variables")

    def __init__(  # noqa: PLR0913 - all that a rendering may know
        self,
        variables: Mapping[str, object],
        now: datetime,
        seed: int,
        ports: Mapping[str, Callable[..., object]] = _NO_PORTS,
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
    ) -> None:
        self.variables = variables
        self.now = now
        """Aware. The only source of time."""
        self.seed = seed
        """The only source of randomness."""
        self.ports = ports
        """Functions that call something outside, by name."""
        self.limits = limits
        self.budget = Budget(limits.max_bytes) if budget is None else budget

    def seeing(self, variables: Mapping[str, object]) -> Scope:
        """Return a scope with other variables and the same budget."""
        return Scope(variables, self.now, self.seed, self.ports, self.limits, self.budget)
