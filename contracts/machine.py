"""What a state machine that owns a partition says to the runtime, as values. Pure.

The runtime takes inputs in order, lets the machine :meth:`Machine.step`, appends events, outbox and timers of each input as
one journal record, and only then lets anything out. Recovery restores a dump and evolves recorded events; it never steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeAlias, TypeVar

from contracts.codec import Codec
from contracts.message import Message
from contracts.scalars import Millis


@dataclass(frozen=True, slots=True)
class TimerDue:
    """The input that a timer becomes. ``name`` is what the machine called it."""

    name: str
    due: Millis


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record owed to another topic. Receivers see it at least once."""

    topic: str
    """Name in ``contracts.topics``, without prefix."""
    key: str
    message: Message
    partition: int | None = None
    """None: by the key, as Kafka's default partitioner does."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Set (again) or cancel the timer of this name."""

    name: str
    due: Millis | None
    """None cancels."""


@dataclass(slots=True)
class Step:
    """What one input led to. Nothing at all is the answer to an input that was decided before."""

    events: list[Message] = field(default_factory=list)
    outbox: list[Outgoing] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)


StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=Message)


@dataclass(slots=True)
class Turn(Generic[StateT, EventT]):
    """One input that is being decided. An event is applied as it is noted, so that what follows is decided on it."""

    state: StateT
    at: Millis
    evolve: Callable[[StateT, EventT], None]
    step: Step = field(default_factory=Step, init=False)

    def note(self, event: EventT) -> None:
        self.evolve(self.state, event)
        self.step.events.append(event)

    def send(self, topic: str, key: str, message: Message, partition: int | None = None) -> None:
        self.step.outbox.append(Outgoing(topic, key, message, partition))

    def timer(self, name: str, due: Millis | None) -> None:
        self.step.timers.append(Timer(name, due))


E = TypeVar("E", contravariant=True)  # noqa: PLC0105 - the protocol reads best with one letter
Input: TypeAlias = "Message | TimerDue"


class Machine(Protocol[E]):
    """All state of one partition of one processor. Mutated by :meth:`evolve` alone, which :meth:`step` calls per event.

    The runtime discards the instance and rebuilds it when an append failed, so a step may evolve before it is durable.
    """

    published: str | None
    """Public topic on which its events appear, or None."""

    @property
    def journal(self) -> Codec[Message]:
        """Reads the events that this machine wrote to its journal."""
        ...

    def step(self, message: Input, at: Millis) -> Step:
        """Decide one input at ``at`` (never earlier than before). Expected refusals are events, replies or nothing.

        An exception is a bug: the runtime calls :meth:`fail`."""
        ...

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """The step of this input raised after perhaps a few evolved events: end what it was about with an internal error."""
        ...

    def evolve(self, event: E) -> None:
        """Apply what was decided. Never refuses, never decides."""
        ...

    def public_key(self, event: E) -> str | None:
        """Key under which the event is published, or None when it is private."""
        ...

    def dump(self) -> Iterable[bytes]:
        """The whole state as independent items, each under 256 KiB where possible."""
        ...

    def load(self, items: Iterable[bytes]) -> None:
        """Into an empty machine: what :meth:`dump` gave."""
        ...
