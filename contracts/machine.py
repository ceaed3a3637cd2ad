"""The values that a state machine hands to the runtime. The machine owns one partition. Pure.

The runtime takes inputs in order and calls :meth:`Machine.step`. It appends the events, outbox and timers of each input as
one journal record, and sends records only after that. Recovery loads a dump and evolves recorded events; it never steps.
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
    """The input when a timer is due. ``name`` is the machine's name for the timer."""

    name: str
    due: Millis


@dataclass(frozen=True, slots=True)
class Logged:
    """A message with the time of its record. A source with ``logged`` gives it, and no writer of messages can forge it."""

    message: Message
    at: Millis
    """When the record was appended, by the log's clock."""


class Tombstone(Message, frozen=True, kw_only=True, tag="tombstone.v1"):
    """The record has no value: its key goes from a compacted topic."""


TOMBSTONE = Tombstone()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record that this partition owes to another topic. Receivers see it at least once."""

    topic: str
    """Name in ``contracts.topics``, without the prefix."""
    key: str
    message: Message
    partition: int | None = None
    """None: chosen by the key, as Kafka's default partitioner does."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Set, reset or cancel the timer of this name."""

    name: str
    due: Millis | None
    """None cancels."""


@dataclass(slots=True)
class Step:
    """The effects of one input. An input that was decided before has none."""

    events: list[Message] = field(default_factory=list)
    outbox: list[Outgoing] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)


StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=Message)


@dataclass(slots=True)
class Turn(Generic[StateT, EventT]):
    """One input that is being decided. Noted events apply at once, so later decisions see them."""

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
Input: TypeAlias = "Message | Logged | TimerDue"


class Machine(Protocol[E]):
    """All state of one partition of one processor. Only :meth:`evolve` changes it; :meth:`step` calls that for each event.

    A step may evolve before its events are durable: if an append fails, the runtime discards the instance and rebuilds it.
    """

    published: str | None
    """Public topic that gets its events, or None."""

    @property
    def journal(self) -> Codec[Message]:
        """The codec for the events in this machine's journal."""
        ...

    def step(self, message: Input, at: Millis) -> Step:
        """Decide one input at ``at``. It goes back only if it was more than ten minutes ahead of the clock. Express expected refusals as events, as replies, or as nothing.

        An exception is a bug. The runtime then calls :meth:`fail`."""
        ...

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """The step of this input raised, perhaps after some events. End the affected work with an internal error."""
        ...

    def evolve(self, event: E) -> None:
        """Apply a decided event. Never refuse it, and decide nothing."""
        ...

    def public_key(self, event: E) -> str | None:
        """Return the key of the published event, or None if it is private."""
        ...

    def dump(self) -> Iterable[bytes]:
        """Return the whole state as independent items, each under 256 KiB where possible."""
        ...

    def load(self, items: Iterable[bytes]) -> None:
        """Load the items of :meth:`dump` into an empty machine."""
        ...

    def entities(self) -> Iterable[str]:
        """Return the names of all parts of the state that snapshots write on their own. None is empty."""
        ...

    def take_touched(self) -> Iterable[str]:
        """Return the entities that events may have changed, made or removed since the last call."""
        ...

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        """Return the items of one entity, in the order in which to load them. None: there is no such entity (any more)."""
        ...

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        """Load entities with their items, in any order of the entities, into an empty machine. None counts as touched."""
        ...

    def timer_owner(self, name: str) -> str:
        """Return the entity that a timer belongs to, so that it is written with it. Empty: it belongs to none."""
        ...
