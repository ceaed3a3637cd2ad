"""Random worlds of Flow triggers: each execution that matches starts one, and windows that are half full survive everything. Broken machines
are caught.

``TOCCATA_SIMULATION_SEEDS`` (200) and ``TOCCATA_SIMULATION_FIRST_SEED`` (0) widen the search. A failing seed is the bug report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from contracts.machine import Step
from contracts.scalars import trigger_key
from contracts.trigger import ExecutionMoved
from services.trigger_listener.core.machine import TriggerMachine
from tests.simulation.heard_world import HeardWorld, heard_kinds
from tests.simulation.requirement import Broken

SEEDS = int(os.environ.get("TOCCATA_SIMULATION_SEEDS", "200")) // 10
FIRST = int(os.environ.get("TOCCATA_SIMULATION_FIRST_SEED", "0"))
STEPS = 2_000
GROUP = 5
BROKEN_SEEDS = 30


class SnapshotWithoutWindows(TriggerMachine):
    """Forgets in snapshots what is met."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        trigger = self.state.by_key.get(entity)
        if trigger is None:
            return super().dump_entity(entity)
        windows, trigger.windows = trigger.windows, {}
        items = list(super().dump_entity(entity))
        trigger.windows = windows
        return items


class CountsTwice(TriggerMachine):
    """Lets a message that comes again fill a window."""

    def step(self, message: Any, at: int) -> Step:
        for trigger in self.state.by_key.values():
            trigger.heard = {}
        return super().step(message, at)


class NeverWaits(TriggerMachine):
    """Drops what comes before the definition of its trigger."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, ExecutionMoved):
            key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
            trigger = self.state.by_key.get(key)
            if trigger is None or trigger.revision < message.revision:
                return Step()
        return super().step(message, at)


class SnapshotWithoutEarly(TriggerMachine):
    """Forgets in snapshots what waits for a definition."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return super().dump_entity(entity) if entity in self.state.by_key else []


BROKEN: dict[str, Callable[[int], TriggerMachine]] = {
    "snapshot without windows": lambda _: SnapshotWithoutWindows(),
    "a message counts twice": lambda _: CountsTwice(),
    "early messages are dropped": lambda _: NeverWaits(),
    "snapshot without what came early": lambda _: SnapshotWithoutEarly(),
}


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, GROUP))
def test_each_match_starts_one_execution(first: int) -> None:
    for seed in range(first, min(first + GROUP, FIRST + SEEDS)):
        try:
            HeardWorld(seed).run(STEPS)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_machine_is_caught(name: str) -> None:
    for seed in range(BROKEN_SEEDS):
        try:
            HeardWorld(seed, heard_kinds(BROKEN[name])).run(STEPS)
        except (Broken, KeyError):  # a history with holes may not even fold
            return
    pytest.fail(f"not caught in {BROKEN_SEEDS} worlds: {name}")


def test_a_world_is_repeatable() -> None:
    first, second = HeardWorld(3), HeardWorld(3)
    first.run(STEPS)
    second.run(STEPS)
    assert first.starts == second.starts
    assert len(first.starts) > 30
