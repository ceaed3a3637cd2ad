"""What executions cost that wait: memory, the snapshot that writes them, and the recovery that reads them.

``python -m tests.benchmarks.waiting [COUNT]`` starts so many executions (100,000) that pause before their second task for thirty days, in
one partition, without Kafka. Memory is what the process has more than before, first of the executions, then of their timers too.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from contracts.execution import StartExecution
from contracts.machine import Timer
from contracts.scalars import derive_id
from services.executor.executions.machine import ExecutionMachine
from tests.benchmarks.calibration import calibration_seconds
from tests.support.flow_book import FlowBook
from toccata.runtime.processor.timers import Timers

NOW = 1_800_000_000_000
FLOW = """
id: waits
namespace: tests
inputs: [{id: name, type: STRING}]
labels: {team: data}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "Hello, {{ inputs.name }}"}
  - {id: wait, type: io.kestra.plugin.core.flow.Pause, pauseDuration: P30D}
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.first.value }}"}
"""
BATCH = 500
_PAGE = os.sysconf("SC_PAGESIZE")


def machine() -> ExecutionMachine:
    return ExecutionMachine(FlowBook(FLOW), in_place=True)


def memory() -> int:
    """Return the resident bytes of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def start(owner: ExecutionMachine, timers: list[Timer], count: int, cells: IO[bytes]) -> tuple[float, int]:
    """Start executions, with a snapshot after each batch. Return the seconds of all snapshots, and their bytes."""
    seconds = 0.0
    for first in range(0, count, BATCH):
        for number in range(first, min(first + BATCH, count)):
            command = StartExecution(
                execution_id=derive_id("waits", str(number)),
                namespace="tests",
                flow_id="waits",
                at=NOW,
                inputs={"name": f"number {number}"},
            )
            timers += owner.step(command, NOW).timers
        began = time.process_time()
        save(owner, cells)
        seconds += time.process_time() - began
    return seconds, cells.tell()


def save(owner: ExecutionMachine, cells: IO[bytes]) -> None:
    for entity in owner.take_touched():
        cell = msgspec.msgpack.encode((entity, list(owner.dump_entity(entity))))
        cells.write(len(cell).to_bytes(4, "big") + cell)


def read(cells: IO[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    decode = msgspec.msgpack.Decoder(tuple[str, list[bytes]]).decode
    cells.seek(0)
    while length := cells.read(4):
        yield decode(cells.read(int.from_bytes(length, "big")))


def recover(path: str) -> None:
    """Print the bytes and the seconds that a new process takes for these cells."""
    owner = machine()
    before, began = memory(), time.process_time()
    with Path(path).open("rb") as cells:
        owner.load_entities(read(cells))
    print(time.process_time() - began, memory() - before, owner.open)


def timed(owner: ExecutionMachine, due: list[tuple[str, int]]) -> int:
    """Return the bytes of so many timers, beside their names in this list."""
    before = memory()
    timers = Timers(owner.timer_owner)
    for name, at in due:
        timers.set(f"{name} "[:-1], at)
    timers.touched.clear()
    return memory() - before


def main(count: int) -> None:
    owner, due = machine(), list[Timer]()
    empty = memory()
    with tempfile.NamedTemporaryFile() as cells:
        snapshot, written = start(owner, due, count, cells)
        listed = [(timer.name, timer.due or 0) for timer in due]
        waits = timed(owner, listed)
        due.clear()
        listed.clear()
        kept = memory() - empty
        began = time.process_time()
        with tempfile.TemporaryFile() as nothing:
            save(owner, nothing)
        idle = time.process_time() - began
        assert owner.open == count
        cells.flush()
        child = [sys.executable, "-m", "tests.benchmarks.waiting", "--recover", cells.name]
        found = subprocess.run(child, check=True, capture_output=True, text=True).stdout.split()
    recovery, after, recovered = float(found[0]), int(found[1]), int(found[2])
    assert recovered == count
    print(f"{count:,} executions in PAUSED; ten million additions take {calibration_seconds():.2f} s here")
    print(
        f"memory: {after / count:,.0f} bytes each after a recovery, {kept / count:,.0f} with what their starts left"
    )
    print(
        f"timers: {waits / count:,.0f} bytes each. So a million take {(after + waits) / count:,.0f} MB after a recovery"
    )
    print(f"cells: {written / count:,.0f} bytes each; to make them: {snapshot / count * 1e6:.0f} µs CPU each")
    print(f"a snapshot of which nothing changed: {idle * 1e3:.1f} ms")
    print(f"recovery: {recovery:.2f} s CPU, {recovery / count * 1e6:.1f} µs each")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--recover"]:
        recover(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
