"""The CPU of deciding alone: two-task executions through one partition in memory, without servers.

``python -m tests.benchmarks.decide`` prints microseconds for each execution: the best of several rounds, because others share the machine.
"""

from __future__ import annotations

import gc
import time

from contracts.codec import Codec, encode
from contracts.execution import AttemptEnded, AttemptReport, StartExecution
from contracts.scalars import derive_id
from services.executor.executions.machine import ExecutionMachine
from tests.support.flow_book import FlowBook
from toccata.runtime.processor.input import Offered, Source
from toccata.runtime.processor.partition import Partition

EXECUTIONS = 2_000
ROUNDS = 7
BATCH = 100
NOW = 1_750_000_000_000
LOG = "io.kestra.plugin.core.log.Log"
FLOW = f"""
id: two
namespace: tests
tasks:
- {{id: one, type: {LOG}, message: first}}
- {{id: two, type: {LOG}, message: second}}
"""


class _Desk:
    """Plays the journal, the outbox and the workers of one partition."""

    def __init__(self) -> None:
        sources = [
            Source("executions.reports", Codec(AttemptReport)),
            Source("executions.starts", Codec(StartExecution)),
        ]
        self.partition = Partition("executions", 0, ExecutionMachine(FlowBook(FLOW)), sources)
        self.partition.begin(1)
        self.partition.began(0)
        self.length = 1
        self.offsets = [0, 0]
        self.seconds = 0.0

    def offer(self, source: int, messages: list[bytes], now: int) -> None:
        first = self.offsets[source]
        self.offsets[source] += len(messages)
        items = [Offered(source, first + n, b"k", value) for n, value in enumerate(messages)]
        began = time.process_time()
        values = self.partition.decide(items, now)
        self.partition.committed(self.length)
        while self.partition.owed:
            through, _ = self.partition.unsent()
            self.partition.sent(through)
        self.seconds += time.process_time() - began
        self.length += len(values)
        assert self.partition.raised is None

    def open_attempts(self) -> list[bytes]:
        machine = self.partition.machine
        assert isinstance(machine, ExecutionMachine)
        return [
            encode(
                AttemptEnded(
                    execution_id=execution.id,
                    task_run_id=run.id,
                    attempt=run.attempt,
                    outcome="succeeded",
                    at=NOW,
                )
            )
            for execution in machine.state.executions.values()
            for run in execution.runs.values()
            if not run.ended
        ]


def _round() -> float:
    desk = _Desk()
    gc.collect()
    gc.disable()
    for first in range(0, EXECUTIONS, BATCH):
        starts = [
            encode(
                StartExecution(
                    execution_id=derive_id("bench", str(n)), namespace="tests", flow_id="two", at=NOW
                )
            )
            for n in range(first, first + BATCH)
        ]
        desk.offer(1, starts, NOW)
        while attempts := desk.open_attempts():
            desk.offer(0, attempts, NOW)
    gc.enable()
    return desk.seconds


if __name__ == "__main__":
    found = sorted(_round() for _ in range(ROUNDS))
    print(
        f"{found[0] / EXECUTIONS * 1e6:.1f} µs CPU for each execution (best of {ROUNDS}), median {found[ROUNDS // 2] / EXECUTIONS * 1e6:.1f}"
    )
