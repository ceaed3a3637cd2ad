"""Random worlds, and the proof that a broken engine does not pass.

``TOCCATA_SIMULATION_SEEDS`` (200) and ``TOCCATA_SIMULATION_FIRST_SEED`` (0) widen the search. A failing seed is the bug report.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.simulation.broken import BROKEN, never_checks
from tests.simulation.owner import Kind
from tests.simulation.requirement import Broken
from tests.simulation.world import STORMY, World, real_kinds
from toccata.runtime.errors import Damaged
from toccata.runtime.processor.snapshot import Incomplete

SEEDS = int(os.environ.get("TOCCATA_SIMULATION_SEEDS", "200"))
FIRST = int(os.environ.get("TOCCATA_SIMULATION_FIRST_SEED", "0"))
STEPS = 2_000
GROUP = 20
BROKEN_SEEDS = 60
OFTEN = {"new sessions missed": replace(STORMY, worker_restart=0.05)}
"""Faults for what the usual ones would seldom meet: here, a worker that begins anew while places are lent to it."""

FLOWS = {"slots never released": ("queue",)}
"""The flows of worlds in which one would seldom run that shows the fault."""


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, GROUP))
def test_worlds_keep_their_invariants(first: int) -> None:
    for seed in range(first, min(first + GROUP, FIRST + SEEDS)):
        try:
            World(seed).run(STEPS)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def test_a_slot_comes_back_whose_release_was_lost() -> None:
    for seed in range(5):
        _losing_releases(seed, real_kinds()).run(STEPS)


def test_losing_them_for_ever_is_caught() -> None:
    for seed in range(20):
        try:
            _losing_releases(seed, never_checks()).run(STEPS)
        except Broken:
            return
    pytest.fail("not caught in 20 worlds")


def _losing_releases(seed: int, kinds: list[Kind]) -> World:
    return World(seed, kinds, faults=replace(STORMY, lost_release=0.5), flow_ids=("queue",))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_engine_is_caught(name: str) -> None:
    for seed in range(BROKEN_SEEDS):
        try:
            faults, flows = OFTEN.get(name, STORMY), FLOWS.get(name, World.flow_ids)
            World(seed, BROKEN[name](), faults=faults, flow_ids=flows).run(STEPS)
        except (Broken, Damaged, Incomplete, KeyError):  # a history with holes may not even fold
            return
    pytest.fail(f"not caught in {BROKEN_SEEDS} worlds: {name}")


def test_a_world_is_repeatable() -> None:
    first, second = World(3), World(3)
    first.run(STEPS)
    second.run(STEPS)

    assert first.log._partitions == second.log._partitions
