"""What a declaration says of a type: names, properties, documentation; of a flowable also its slots and its behaviour,
of an input how its values are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import cleandoc
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from contracts.language.types.behaviour import (
    ChildEnd,
    ChildFlow,
    Group,
    Lists,
    N,
    Next,
    Opening,
    Rendering,
    Result,
    Round,
    Verdict,
)
from contracts.language.types.input.choice import Choice
from contracts.language.types.input.common import Input
from contracts.language.types.property import Properties
from contracts.scalars import JsonObject
from contracts.states import State

Compiled = TypeVar("Compiled")
Compiled_contra = TypeVar("Compiled_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What all types have in common. The documentation of a type is the docstring of its properties."""

    name: str
    """The full type name, as written in flows."""
    title: str
    properties: type[Properties]
    aliases: tuple[str, ...] = ()
    """Older names that are accepted with a deprecation."""
    deprecated_by: str | None = None
    """The type to use instead."""
    outputs: type[BaseModel] | None = None
    """For documentation."""
    examples: tuple[str, ...] = ()
    """YAML of one task, trigger, runner or input each."""

    @property
    def description(self) -> str:
        return cleandoc(self.properties.__doc__ or "")


SlotShape: TypeAlias = Literal["list", "cases", "dag", "one", "inputs"]
"""How a flowable holds its children: a list, a map of lists, a list of ``{task, dependsOn}``, or one task. ``inputs`` is a list
of inputs, which somebody is asked for; it holds no task."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A property of a flowable that holds child tasks."""

    shape: SlotShape = "list"
    required: bool = False
    empty: str = "must not be empty"
    """What a flow that leaves a required one empty is told."""


ERRORS, FINALLY = "errors", "finally"
ON_PAUSE = "onPause"
"""The slot whose tasks run while the flowable is paused."""
TAIL: Mapping[str, Slot] = {ERRORS: Slot(), FINALLY: Slot()}
"""What every flowable has beside its main tasks."""


def case_list(slot: str, case: str) -> str:
    """The name of one list of a slot that holds cases."""
    return f"{slot}.{case}"


class Main(Protocol):
    def __call__(self, lists: Lists[N], outputs: JsonObject, /) -> tuple[N, ...]:
        """The main tasks of a run that opened with these outputs."""
        ...


class Following(Protocol[Compiled_contra]):
    def __call__(self, compiled: Compiled_contra, group: Group, main: tuple[N, ...], /) -> Next[N] | None:
        """The next main task to begin, in O(1) amortised where the number of children has no bound."""
        ...


def _one_by_one(compiled: object, group: Group, main: tuple[N, ...]) -> Next[N] | None:  # noqa: ARG001 - one signature
    return None


def tasks_of(lists: Lists[N], outputs: JsonObject) -> tuple[N, ...]:  # noqa: ARG001 - one signature for all kinds
    """The main tasks of a flowable that has one list of them."""
    return lists.get("tasks", ())


def _always(compiled: object) -> bool:  # noqa: ARG001 - one signature for all kinds
    return True


def _never(compiled: object) -> bool:  # noqa: ARG001 - one signature for all kinds
    return False


def _no_state(compiled: object) -> None:  # noqa: ARG001 - one signature for all kinds
    return None


def _all_at_once(compiled: object) -> int:  # noqa: ARG001 - one signature for all kinds
    return 0


def _never_stored(compiled: Any, value: str) -> bool:  # noqa: ARG001 - the shape of the field
    return False


def _nothing(compiled: object, rendering: Rendering, index: int) -> JsonObject:  # noqa: ARG001 - one signature
    return {}


def _no_summary(outputs: Mapping[str, JsonObject]) -> JsonObject:  # noqa: ARG001 - one signature for all kinds
    return {}


def _no_parts(task_id: str, properties: Mapping[str, object]) -> list[JsonObject]:  # noqa: ARG001 - one signature
    return []


def _stops_none(compiled: object, end: ChildEnd) -> bool:  # noqa: ARG001 - one signature for all kinds
    return False


def as_its_tasks(state: State) -> State:
    return state


def _no_stop(compiled: object, rendering: Rendering, end: ChildEnd) -> bool:  # noqa: ARG001 - one signature
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Children(Generic[Compiled]):
    """How a flowable runs child executions, one for each value that it opens with. Its functions are pure."""

    result: Callable[[Compiled, Rendering, Sequence[ChildEnd], int], Result]
    """From the ends, in their order, and the number of values. Raises RenderingFailed."""
    flow: Callable[[Compiled, Rendering], ChildFlow] | None = None
    """What a child runs. Raises RenderingFailed. None: the flowable's own lists, and the values are those of ``flowable/loop.py``."""
    sees: Callable[[Compiled, Rendering, int], JsonObject] = field(default=_nothing)
    """What the templates of a child's flow see as further parts of ``taskrun``, by the child's index. Raises RenderingFailed."""
    limit: Callable[[Compiled], int] = field(default=_all_at_once)
    """Most children at once. 0: as many as the engine allows."""
    waits: Callable[[Compiled], bool] = field(default=_always)
    """Whether the run waits for the ends."""
    stops: Callable[[Compiled, Rendering, ChildEnd], bool] = field(default=_no_stop)
    """Whether nothing more begins after this end. Raises RenderingFailed."""
    pauses: Callable[[Compiled], bool] = field(default=_never)
    """Whether the run is paused while a child is."""
    keeps: Callable[[Compiled], bool] = field(default=_always)
    """Whether a restart repeats only the children that did not end well. Otherwise it begins new ones."""
    stops_others: Callable[[Compiled, ChildEnd], bool] = field(default=_stops_none)
    """Whether this end kills those that still run."""
    stores: Callable[[Compiled, str], bool] = field(default=_never_stored)
    """Whether the outputs of the child for this value go to a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowableType(Declaration, Generic[Compiled]):
    """A task that has child tasks and runs in the executor. Its functions are pure and must never wait."""

    slots: Mapping[str, Slot]
    compile: Callable[[Any], Compiled]
    """Its validated properties to what its other functions need; called once a revision."""
    opening: Callable[[Compiled, Rendering], Opening]
    """What is known from the start on. Raises RenderingFailed: the task run fails."""
    following: Following[Compiled]
    together: Following[Compiled] = field(default=_one_by_one)
    """The next of the main tasks that begin with it. They all begin, even if one of them has failed as it began."""
    main: Main = field(default=tasks_of)
    ending: Callable[[State], State] = field(default=as_its_tasks)
    """The state that its tasks give to the state of the run, before ``allowFailure``."""
    parts: Callable[[str, Mapping[str, object]], list[JsonObject]] = field(default=_no_parts)
    """The tasks that it consists of, made of its id and its properties as written. They are its list ``tasks``."""
    summary: Callable[[Mapping[str, JsonObject]], JsonObject] = field(default=_no_summary)
    """Its own outputs at its end, from those of its tasks by their ids."""
    children: Children[Compiled] | None = None
    """Not None: it runs child executions, and no child tasks."""
    on_failure: Callable[[Compiled], State | None] = field(default=_no_state)
    """What its open tasks become as soon as one has failed. None: they are awaited."""
    own_timeout: bool = False
    """Its behaviour carries out ``timeout``. Otherwise the engine ends it after that time."""
    side_by_side: bool = False
    """Its tasks do not follow one another, unless one depends on another. A replay of one keeps the others."""
    in_order: Callable[[Compiled], bool] = field(default=_always)
    """Whether its values, if it opens with some, run one after another. A replay within one removes those after it."""
    after_round: Callable[[Compiled, Rendering, Round], Verdict] | None = None
    """Decides, when its tasks have ended well, whether they run again. None: they run once. Raises RenderingFailed. Its output
    ``iterationCount`` is the number of the round."""
    keeps_files: Callable[[Compiled], bool] | None = None
    """Not None: its tasks run on one worker, in one directory, and can only be runnable tasks. It tells whether a worker has to keep
    files of that directory at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerEvent:
    """One reason to start an execution, as a trigger found it."""

    id: str = ""
    """What makes it this event and no other: an execution starts once for each id of a trigger, however often the
    event is given. Derived from what was found (a message's id, a file's path and time), never from chance. Empty, in a
    poll: that this poll found something is the event."""
    variables: JsonObject = field(default_factory=dict)
    """What expressions read as ``trigger.*``. JSON values."""


Poll: TypeAlias = Callable[[Any, Any], Awaitable[Sequence[TriggerEvent]]]
"""``async def poll(trigger, run)``: the events that are there now, in their order. Called again and again, also after a
crash: it may give an event that it gave before."""
Subscribe: TypeAlias = Poll
"""``async def subscribe(trigger, run)``, a poll that waits: it returns as soon as there are events, or after
``run.evaluation.wait_seconds``, and is called again at once. It first acknowledges the events of ``run.evaluation.accepted`` to its source:
they are stored. What it does not acknowledge, the source gives again."""
StartedBy: TypeAlias = Literal["engine", "poll", "subscribe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerType(Declaration):
    """Starts executions in one of three ways: the engine evaluates it, it is polled, or it is subscribed to.

    ``poll`` and ``subscribe`` get the validated properties and the ports of a run. They are functions, or where to find
    one, as ``package.module:name``, so that a declaration imports nothing heavy."""

    started_by: StartedBy
    """``engine`` is for the engine's own types."""
    poll: Poll | str | None = None
    subscribe: Subscribe | str | None = None
    extra: str | None = None
    """The requirement to install for the libraries that its function imports, as pip takes it."""
    kind: Literal["light", "heavy"] = "light"
    """A heavy one starts a process or keeps a thread busy. A worker runs only a few of them per CPU at once."""
    directory_variables: Callable[[Mapping[str, Any], Path], Mapping[str, Any]] | str | None = None
    """If set, a poll has a working directory, and expressions also see the variables that this function returns. It takes
    the properties as written and the directory."""

    def problem(self) -> str | None:
        """What keeps it from starting anything: its way and its functions must say the same."""
        given = [way for way, function in (("poll", self.poll), ("subscribe", self.subscribe)) if function]
        wanted = [] if self.started_by == "engine" else [self.started_by]
        if given == wanted:
            return None
        shown = " and ".join(given) or "neither `poll` nor `subscribe`"
        return f"trigger type {self.name} says started_by={self.started_by!r} but has {shown}"


def _accepted(declared: Any, value: Any) -> list[str]:  # noqa: ARG001 - one signature for all types
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class InputType(Declaration):
    """What the value of an input or of a flow output may be. Its functions are pure."""

    properties: type[Input]
    parse: Callable[[object], object]
    """A given value, which is not null, to a typed one. Raises ValueError with the cause."""
    check: Callable[[Any, Any], list[str]] = _accepted
    """The declared input and a typed value to the causes why it does not fit."""
    choice: Callable[[Any], Choice] | None = None
    """The declared input to what it offers to choose from."""
    secret: bool = False
    """The value is encrypted wherever it is kept."""
    typed_items: bool = False
    """The value is a list, and each item is of the type that the declared input names as ``itemType``."""
    parts: tuple[str, Callable[[Any], Sequence[Input]]] | None = None
    """The key that declares what a value consists of, and the declared input to these declarations. The value is a map of them by
    id, or a list of such maps."""
