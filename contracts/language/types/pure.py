"""What a pure task gives: outputs, lines of its log and metrics, or a failure. A worker carries that out, or the executor decides
the task in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.language.types.declaration import Declaration
from contracts.scalars import JsonObject
from contracts.states import State
from contracts.telemetry import Level


@dataclass(frozen=True, slots=True)
class Line:
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class Metric:
    kind: Literal["counter", "timer", "gauge"]
    name: str
    value: float
    """Timers are in seconds."""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Switch:
    """A trigger to enable or disable."""

    trigger_id: str
    enabled: bool
    flow_id: str | None = None
    namespace: str | None = None
    """None: those of the execution."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a task changes of its execution. Only the executor can do that, so it never goes to a worker."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels, or new values of present ones."""
    variables: Callable[[JsonObject], JsonObject] | None = None
    """From the present variables to the new ones. Raises ValueError with the reason of a failure."""
    exit: State | None = None
    """The execution ends at once in this state."""
    resumes: Mapping[str, JsonObject] = field(default_factory=dict)
    """Other executions to resume, by id, each with the raw inputs for what it asks."""
    switches: Sequence[Switch] = ()


@dataclass(frozen=True, slots=True)
class Result:
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """JSON values by name. None values are dropped."""
    lines: Sequence[Line] = ()
    metrics: Sequence[Metric] = ()
    failure: str | None = None
    """The message to fail with, or None. It is logged at ERROR by whoever runs the task."""
    update: Update | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PureTask(Declaration):
    """The declaration of a task type without effects: its rendered properties alone decide what it gives."""

    decide: Callable[[Any], Result]
    """Validated properties to the result. Pure and quick, because other executions wait for it."""
    updates: bool = False
    """Its result may have an update, so only the executor runs it."""
