"""The smallest machine that shows every duty of the processor runtime: counters by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from contracts.codec import Codec
from contracts.machine import Input, Outgoing, Step, Timer, TimerDue
from contracts.message import Message
from contracts.scalars import Millis
from toccata.runtime.processor.input import Source


class Add(Message, frozen=True, kw_only=True, tag="test.add.v1"):
    name: str
    amount: int
    later_ms: int = 0
    """The delay in milliseconds. It is added when a timer fires."""
    explode: bool = False


class Added(Message, frozen=True, kw_only=True, tag="test.added.v1"):
    name: str
    amount: int
    total: int
    at: Millis


class Failed(Message, frozen=True, kw_only=True, tag="test.failed.v1"):
    name: str
    reason: str
    at: Millis


CounterEvent: TypeAlias = Added | Failed


class CounterMachine:
    journal: Codec[CounterEvent] = Codec(CounterEvent)
    published: str | None = "triggers.events"

    def __init__(self) -> None:
        self.totals: dict[str, int] = defaultdict(int)
        self.failures: list[str] = []
        self.touched: dict[str, None] = {}

    def step(self, message: Input, at: Millis) -> Step:
        match message:
            case Add(explode=True):
                raise RuntimeError("told to explode")
            case Add(later_ms=later) if later:
                return Step(timers=[Timer(f"{message.name}/{message.amount}", at + later)])
            case Add(amount=0):
                return Step()
            case Add():
                return self._added(message.name, message.amount, at)
            case TimerDue(name=name):
                counter, amount = name.split("/")
                return self._added(counter, int(amount), at)
            case _:
                raise TypeError(type(message).__name__)

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        assert isinstance(message, Add)
        event = Failed(name=message.name, reason=error.splitlines()[-1], at=at)
        self.evolve(event)
        return Step(events=[event])

    def evolve(self, event: CounterEvent) -> None:
        if isinstance(event, Added):
            self.totals[event.name] = event.total
            self.touched[event.name] = None
        else:
            self.failures.append(event.name)

    def public_key(self, event: CounterEvent) -> str | None:
        return event.name

    def dump(self) -> Iterable[bytes]:
        for name in self.totals:
            yield from self.dump_entity(name)

    def load(self, items: Iterable[bytes]) -> None:
        for item in items:
            self.totals.update(msgspec.msgpack.decode(item))

    def entities(self) -> Iterable[str]:
        return self.totals

    def take_touched(self) -> Iterable[str]:
        touched, self.touched = self.touched, {}
        return touched

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        if entity in self.totals:
            yield msgspec.msgpack.encode({entity: self.totals[entity]})

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        for _, items in entities:
            self.load(items)

    def timer_owner(self, name: str) -> str:
        return name.split("/", maxsplit=1)[0]

    def _added(self, name: str, amount: int, at: Millis) -> Step:
        event = Added(name=name, amount=amount, total=self.totals[name] + amount, at=at)
        self.evolve(event)
        return Step(events=[event], outbox=[Outgoing("events", name, event)])


SOURCES = [Source("triggers.commands", Codec(Add))]
