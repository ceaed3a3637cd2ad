"""Random worlds of polls: every item of a source starts one execution, whatever dies. Broken machines of triggers are caught.

``TOCCATA_SIMULATION_SEEDS`` (200) and ``TOCCATA_SIMULATION_FIRST_SEED`` (0) widen the search. A failing seed is the bug report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from contracts.execution import AttemptEnded, StartExecution
from contracts.machine import Step, TimerDue
from contracts.polling import FoundEvent
from contracts.scalars import derive_id
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.state import Trigger
from tests.simulation.poll_world import SETTINGS, PollWorld, Stream, poll_kinds
from tests.simulation.requirement import Broken

SEEDS = int(os.environ.get("TOCCATA_SIMULATION_SEEDS", "200")) // 10
FIRST = int(os.environ.get("TOCCATA_SIMULATION_FIRST_SEED", "0"))
STEPS = 2_000
GROUP = 5
BROKEN_SEEDS = 30


class NeverHearsOfLosses(TriggerMachine):
    """Only believes workers, and waits for those that are gone."""

    def step(self, message: Any, at: int) -> Step:
        lost = isinstance(message, AttemptEnded) and not message.worker_id
        return Step() if lost else super().step(message, at)


class TakesAnyReport(TriggerMachine):
    """Lets a report end the poll that is out, whichever it was."""

    def step(self, message: Any, at: int) -> Step:
        out = self.state.evaluations
        if isinstance(message, AttemptEnded) and out and message.task_run_id not in out:
            message = msgspec.structs.replace(message, task_run_id=next(iter(out)))
        return super().step(message, at)


class IdsOfChance(TriggerMachine):
    """Derives the id of an execution from the time, too."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        for index, out in enumerate(step.outbox):
            if isinstance(out.message, StartExecution):
                other = derive_id(out.message.execution_id, str(at))
                start = msgspec.structs.replace(out.message, execution_id=other, trigger_key=None)
                step.outbox[index] = type(out)(out.topic, other, start)
        return step


class SnapshotWithoutPolls(TriggerMachine):
    """Forgets in snapshots which polls are out."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        trigger: Trigger | None = self.state.by_key.get(entity)
        if trigger is None or trigger.evaluation is None:
            return super().dump_entity(entity)
        evaluation = trigger.evaluation
        trigger.evaluation = None
        items = list(super().dump_entity(entity))
        trigger.evaluation = evaluation
        return items


class PollsBeside(TriggerMachine):
    """Ends a poll by itself at the end of its time, and says nothing."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, TimerDue):
            trigger = self.state.by_key.get(message.name)
            if trigger is not None and trigger.evaluation is not None:
                trigger.evaluation = None
                trigger.next_at = at
        return super().step(message, at)


BROKEN: dict[str, Callable[[int], TriggerMachine]] = {
    "losses are not heard of": lambda _: NeverHearsOfLosses(polls=SETTINGS),
    "any report ends a poll": lambda _: TakesAnyReport(polls=SETTINGS),
    "ids of executions by chance": lambda _: IdsOfChance(polls=SETTINGS),
    "snapshot without polls": lambda _: SnapshotWithoutPolls(polls=SETTINGS),
    "a second poll beside one that is out": lambda _: PollsBeside(polls=SETTINGS),
}


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, GROUP))
def test_every_item_starts_one_execution(first: int) -> None:
    for seed in range(first, min(first + GROUP, FIRST + SEEDS)):
        try:
            PollWorld(seed).run(STEPS)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_machine_is_caught(name: str) -> None:
    for seed in range(BROKEN_SEEDS):
        try:
            PollWorld(seed, poll_kinds(BROKEN[name])).run(STEPS)
        except (Broken, KeyError):  # a history with holes may not even fold
            return
    pytest.fail(f"not caught in {BROKEN_SEEDS} worlds: {name}")


class AcknowledgesEarly(Stream):
    """Gives each message once, whether or not somebody heard of it."""

    def poll(self, evaluation_id: str, accepted: list[str]) -> list[FoundEvent]:
        found = super().poll(evaluation_id, accepted)
        self.there = self.there[len(found) :]
        return found


def test_a_source_that_acknowledges_what_it_only_gave_is_caught() -> None:
    for seed in range(BROKEN_SEEDS):
        try:
            PollWorld(seed, stream=AcknowledgesEarly).run(STEPS)
        except Broken:
            return
    pytest.fail(f"not caught in {BROKEN_SEEDS} worlds")


def test_a_world_is_repeatable() -> None:
    first, second = PollWorld(3), PollWorld(3)
    first.run(STEPS)
    second.run(STEPS)
    assert first.log._partitions == second.log._partitions
    assert sum(shelf.made for shelf in first.shelves.values()) > 20
