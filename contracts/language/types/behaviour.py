"""What the functions of a flowable see of an execution, and what they give back. The executor's records fit these views."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from contracts.language.expression.template import Template
from contracts.language.types.span import Values
from contracts.scalars import JsonObject
from contracts.states import State


class Child(Protocol):
    """A task below a flowable, as compiled once a revision."""

    @property
    def id(self) -> str: ...

    @property
    def depends_on(self) -> Sequence[str]:
        """Ids of its siblings that must end before it, where the slot's shape is ``dag``."""
        ...


class ChildRun(Protocol):
    @property
    def state(self) -> State: ...


class Loop(Protocol):
    """The iterations of a flowable that opened with values. Its counters make the next step O(1)."""

    @property
    def values(self) -> Values: ...

    @property
    def begun(self) -> int:
        """Iterations 0 to ``begun`` - 1 have a run."""
        ...

    @property
    def open(self) -> int:
        """Runs of iterations that have not ended."""
        ...

    @property
    def reached(self) -> Mapping[int, int]:
        """By iteration: the index among the main tasks of the last one that has a run."""
        ...

    @property
    def waiting(self) -> Mapping[int, int]:
        """Iterations all of whose runs ended well and which have a next task: its index among the main tasks."""
        ...


class Group(Protocol):
    """The runs directly below one flowable."""

    @property
    def runs(self) -> Mapping[str, ChildRun]:
        """By task id: those that belong to no iteration."""
        ...

    @property
    def open(self) -> int:
        """Not ended, iterations included."""
        ...

    @property
    def loop(self) -> Loop | None: ...

    @property
    def limit(self) -> int | None:
        """Most at once, where an expression gave it when the flowable opened."""
        ...


STORED_BYTES = 300_000
"""The most of a text that goes to internal storage at once, because it travels within other records."""


class RenderingFailed(Exception):
    """The message names the function, the variable or the value that is at fault."""


class Rendering(Protocol):
    """Templates of the flowable task, as its run sees them. All methods raise RenderingFailed."""

    @property
    def lists(self) -> Collection[str]:
        """The names of its lists as written: the slots, or ``slot.case`` of a slot that holds cases."""
        ...

    @property
    def outputs(self) -> JsonObject:
        """What the task's run has given so far, such as what it opened with."""
        ...

    @property
    def timeout(self) -> timedelta | Template | None:
        """The task's common property ``timeout``."""
        ...

    def text(self, template: Template) -> str: ...

    def integers(self, template: Template) -> range | None:
        """Return the integers that the template gives, without making them. None if it is not a range and nothing else, or if only a
        worker can tell."""
        ...

    def truth(self, template: Template) -> bool:
        """Return whether the rendered text is true. Use this for conditions: a secret in one then never leaves its worker."""
        ...

    def with_variables(self, variables: Mapping[str, Any]) -> Rendering:
        """The same, with these variables as well."""
        ...

    def stored(self, text: str) -> str:
        """Keep a text, of at most ``STORED_BYTES``, as a file of the run in internal storage. Return its URI. A worker does this."""
        ...

    def nested(self, value: Any) -> Any:
        """Texts within the value are rendered, keys of maps too; the rest stays."""
        ...

    def child_inputs(
        self, namespace: str, flow_id: str, revision: int | None, written: Mapping[str, Any]
    ) -> JsonObject:
        """The same for inputs of another flow. The value of a SECRET input is encrypted as it is rendered."""
        ...


@dataclass(frozen=True, slots=True)
class Pause:
    """The run waits before its tasks begin: until somebody resumes it, or for a time."""

    milliseconds: int | None = None
    then: State = State.SUCCESS
    """What it becomes after the time. SUCCESS: it goes on with its tasks."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a flowable ends, whatever still runs below it. If that is a failure, what runs fails, and its ``errors`` follow."""

    milliseconds: int
    """From its start."""
    then: State = State.FAILED
    """FAILED, or SUCCESS: then what runs is cancelled, and does not count."""
    reason: str = ""
    """For its log."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a flowable knows from its start on."""

    outputs: JsonObject = field(default_factory=dict)
    values: Values | None = None
    """Its main tasks run once for each of these."""
    pause: Pause | None = None
    limit: int | None = None
    """Most of its tasks or children at once, where an expression gave it. 0: all."""
    deadline: Deadline | None = None


NOTHING = Opening()


@dataclass(frozen=True, slots=True)
class ChildFlow:
    """A flow that runs as a child execution."""

    namespace: str
    flow_id: str
    revision: int | None = None
    inputs: JsonObject = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    inherits_labels: bool = False
    scheduled_at: int | None = None
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """A child execution that has ended."""

    id: str
    index: int
    value: str
    """The value that it ran for, as the flowable opened with it."""
    state: State
    outputs: JsonObject


@dataclass(frozen=True, slots=True)
class Result:
    """What a run becomes when its child executions are over."""

    state: State
    outputs: JsonObject


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a flowable that repeats its tasks. All of them have ended well."""

    number: int
    """From 1."""
    elapsed_ms: int
    """Since the first round began."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another round follows after this time."""

    milliseconds: int
    paused: bool
    """Whether the run is PAUSED meanwhile, and the execution with it."""


@dataclass(frozen=True, slots=True)
class Over:
    """This was the last round."""

    state: State = State.SUCCESS
    """The state of the run, unless its tasks give a worse one."""


Verdict: TypeAlias = Again | Over

N = TypeVar("N", bound=Child)
Lists: TypeAlias = Mapping[str, tuple[N, ...]]
"""Enabled children by the name of their list: the slot's, or ``slot.case`` where the slot holds cases."""


@dataclass(frozen=True, slots=True)
class Next(Generic[N]):
    """The task that is to begin."""

    node: N
    value: str | None = None
    iteration: int | None = None
