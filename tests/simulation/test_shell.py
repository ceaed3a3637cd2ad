"""The shell in random worlds, and the proof that a log which breaks its promises is seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
import structlog

from tests.simulation import virtual_time
from tests.simulation.memory import MemoryLog
from tests.simulation.requirement import Broken
from tests.simulation.shell_log import ShellLog
from tests.simulation.shell_world import ShellWorld
from toccata.runtime.errors import ToccataError

SEEDS = int(os.environ.get("TOCCATA_SIMULATION_SEEDS", "200")) // 10
FIRST = int(os.environ.get("TOCCATA_SIMULATION_FIRST_SEED", "0"))


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_every_add_counts_once_whatever_happens(seed: int) -> None:
    world = ShellWorld(seed)

    virtual_time.run(world.run())

    begins = [world.memory.begin("triggers.journal", number) for number in range(2)]
    assert all(begins), "the journals are cut while everything goes on"


class Expiring(MemoryLog):
    """Removes old records of the journal, as a retention does."""

    def append_batch(self, topic: str, partition: int, values: list[bytes]) -> int:
        base = super().append_batch(topic, partition, values)
        if topic.endswith(".journal"):
            super().truncate(topic, partition, base - 10)
        return base


class CutsTooFar(MemoryLog):
    """Removes the whole journal when it is cut."""

    def truncate(self, topic: str, partition: int, offset: int) -> None:
        super().truncate(topic, partition, self.end(topic, partition))


class LosesSnapshots(MemoryLog):
    """Acknowledges parts of snapshots, but keeps none."""

    def append(self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None) -> int:
        lost = topic.endswith(".snapshots") and key is not None and not key.endswith(b"manifest")
        return 0 if lost else super().append(topic, key, value, partition)


class SendsNothing(ShellLog):
    """Acknowledges what is owed before it is there, and loses it now and then."""

    def _flush(self) -> None:
        if self.random.random() < 0.1:
            self._pending = [each for each in self._pending if each[0].endswith(".snapshots")]
        super()._flush() if self._pending else self._acknowledge()

    def _acknowledge(self) -> None:
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(None)


@pytest.mark.parametrize("memory", [Expiring, CutsTooFar, LosesSnapshots])
def test_a_log_that_loses_records_is_refused(memory: type[MemoryLog]) -> None:
    _is_caught(lambda seed: ShellWorld(seed, memory(2)))


def test_an_outbox_that_loses_records_is_caught() -> None:
    _is_caught(lambda seed: ShellWorld(seed, log=SendsNothing))


def _is_caught(make: Callable[[int], ShellWorld]) -> None:
    for seed in range(10):
        try:
            virtual_time.run(make(seed).run())
        except (Broken, ToccataError):
            return
    pytest.fail("not caught in 10 worlds")


def test_a_world_is_repeatable() -> None:
    first, second = ShellWorld(3), ShellWorld(3)
    virtual_time.run(first.run())
    virtual_time.run(second.run())

    assert first.memory._partitions == second.memory._partitions
