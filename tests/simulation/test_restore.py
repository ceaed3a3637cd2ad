"""Random restarts and replays in parts: everything may come twice, the owner crashes between any two steps, and a kill comes at any time.

A run that had ended well never runs again, each run that did not runs once more, and nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from contracts.execution import (
    ExecutionRecord,
    History,
    KillExecution,
    Replay,
    RestartExecution,
    StartExecution,
    TaskRunRecord,
)
from contracts.machine import Step
from contracts.message import Message
from contracts.scalars import derive_id
from contracts.states import ENDED_WELL, State
from services.executor.executions.event import TransferDropped
from services.executor.executions.machine import ExecutionMachine
from services.executor.executions.transfer import KEPT_MS, Transfer
from services.web.core.write import parts
from tests.support.flow_book import FlowBook
from tests.support.projection import SeenExecution, SeenRun
from tests.support.rig import BEGIN
from tests.support.rig.executions import NAMESPACE, ExecutionRig

FLOW = """
id: f
namespace: tests
inputs: [{id: n, type: INT}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 0
    tasks: [{id: leaf, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}]
"""
SEEDS = 60
BROKEN_SEEDS = 60
Make = Callable[[FlowBook], ExecutionMachine]


def _past(random: Random) -> ExecutionRecord:
    """Return an ended execution of which some runs failed or were killed."""
    at, number = BEGIN - 1_000, random.randint(300, 900)
    begun = [History(State.CREATED, at), History(State.RUNNING, at)]
    bad = {random.randrange(number) for _ in range(random.randint(1, 5))}

    def leaf(index: int) -> TaskRunRecord:
        state = random.choice((State.FAILED, State.KILLED)) if index in bad else State.SUCCESS
        return TaskRunRecord(
            id=derive_id("leaf", str(index)),
            task_id="leaf",
            parent_id="each",
            value=str(index + 1),
            iteration=index,
            histories=[*begun, History(state, at)],
            outputs={"value": "x" * 800},
        )

    each = TaskRunRecord(id="each", task_id="each", histories=[*begun, History(State.FAILED, at)])
    return ExecutionRecord(
        id="e1",
        namespace=NAMESPACE,
        flow_id="f",
        revision=1,
        seq=3 * number,
        histories=[*begun, History(State.FAILED, at)],
        inputs={"n": number},
        task_runs=[each, *(leaf(index) for index in range(number))],
    )


def _seen(record: ExecutionRecord) -> SeenExecution:
    runs = {
        run.id: SeenRun(
            run.id, run.task_id, run.parent_id, run.value, run.iteration, [h.state for h in run.histories]
        )
        for run in record.task_runs
    }
    return SeenExecution("e1", record.seq, [each.state for each in record.histories], runs)


class RestoreWorld:
    def __init__(self, seed: int, make: Make = ExecutionMachine) -> None:
        self.random = Random(seed)
        self.record = _past(self.random)
        self.replays = self.random.random() < 0.4
        self.id = "e2" if self.replays else "e1"
        self.rig = ExecutionRig(FLOW)
        self.rig.make = lambda: make(self.rig.flows)
        self.rig.machine = self.rig.make()
        if not self.replays:
            self.rig.projection.executions["e1"] = _seen(self.record)
        self.killed = False

    def run(self) -> None:
        whole = self._command()
        pending = [each for each in whole for _ in range(self.random.choice((1, 1, 2)))]
        if self.random.random() < 0.2:
            pending.remove(self.random.choice(whole))
        while pending or self.rig.next_timer(self.rig.now) is not None:
            self._step(pending)
        self._settle(whole)

    def _command(self) -> list[Message]:
        if self.replays:
            start = StartExecution(
                execution_id="e2",
                namespace=NAMESPACE,
                flow_id="f",
                at=BEGIN,
                inputs=self.record.inputs,
                replay=Replay(record=self.record),
            )
            return parts.in_records(start)
        return parts.in_records(RestartExecution(execution_id="e1", at=BEGIN, record=self.record))

    def _step(self, pending: list[Message]) -> None:
        rig, draw = self.rig, self.random.random
        message: Any = pending[0] if pending else None
        if message is not None and draw() < 0.1:
            rig.when_not_appended(message)
        elif message is not None and (draw() < 0.6 or rig.next_timer(rig.now) is None):
            rig.when(pending.pop(0))
        elif (name := rig.next_timer(rig.now)) is not None:
            rig.fire(name)
        if draw() < 0.3:
            rig.restart(snapshot=draw() < 0.5)
        if not self.killed and draw() < 0.05 and self.id in rig.machine.state.executions:
            self.killed = True
            rig.when(KillExecution(execution_id=self.id, at=rig.now))

    def _settle(self, whole: list[Message]) -> None:
        rig = self.rig
        if self.id in rig.projection.executions:
            rig.run_to_end(lambda _: "cancelled" if rig.state(self.id) == "KILLING" else "succeeded")
        for message in whole:  # web asks again, because it had no answer
            rig.when(message)
        rig.wait(KEPT_MS)
        rig.run_to_end()
        self._check()

    def _check(self) -> None:
        rig, record = self.rig, self.record
        transfers = rig.machine.state.transfers
        assert not transfers.by_id, "parts are left"
        assert not transfers.count
        seen = rig.projection.executions.get(self.id)
        assert seen is not None, "nothing happened"
        if self.replays and seen.state is State.FAILED:
            assert seen.reason, "it fails, and does not say why"
            return
        well = {run.value for run in record.task_runs if run.histories[-1].state in ENDED_WELL}
        again = {run.value for run in record.task_runs if run.value and run.value not in well}
        leaves = [run for run in seen.runs.values() if run.task_id == "leaf"]
        assert len(leaves) == len(record.task_runs) - 1, "a run is missing, or is there twice"
        for run in leaves:
            if run.value in well:
                assert State.RESTARTED not in run.histories, f"{run.name} had ended well, and runs again"
        assert seen.state is (State.KILLED if self.killed else State.SUCCESS), seen.state
        if not self.killed:
            assert {run.value for run in leaves if State.RESTARTED in run.histories} == again
        rig.assert_rebuilds()


def test_restarts_in_parts_keep_their_promises() -> None:
    for seed in range(SEEDS):
        try:
            RestoreWorld(seed).run()
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


class ForgetsParts(ExecutionMachine):
    """Takes snapshots without the parts that came."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return [] if entity.startswith("parts/") else super().dump_entity(entity)

    def dump(self) -> Iterable[bytes]:
        return [item for item in super().dump() if b"\xa4part" not in item[:20]]


class ForgetsPages(ExecutionMachine):
    """Begins again with the first page after a snapshot."""

    def load_entities(self, entities: Any) -> None:
        super().load_entities(entities)
        for execution_id in list(self.state.executions.ids()):
            restoring = self.state.executions[execution_id].restoring
            if restoring is not None:
                restoring.done = max(0, restoring.done - 1)


class TakesWhatIsThere(ExecutionMachine):
    """Begins without the parts that are missing."""

    def step(self, message: Any, at: int) -> Any:
        whole = Transfer.runs
        Transfer.runs = lambda self, _: [r for n in sorted(self.parts) for r in self.parts[n].runs]  # type: ignore[method-assign,assignment]
        try:
            return super().step(message, at)
        finally:
            Transfer.runs = whole  # type: ignore[method-assign]


class DropsWhatIsRestored(ExecutionMachine):
    """Takes a command that came twice for one that nobody needs."""

    def step(self, message: Any, at: int) -> Any:
        step = super().step(message, at)
        transfer_id = getattr(message, "transfer_id", "")
        execution = self.state.executions.get(getattr(message, "execution_id", ""))
        again = hasattr(message, "parts") and execution is not None and not step.events
        if again and transfer_id in self.state.transfers.by_id:
            event = TransferDropped(transfer_id=transfer_id)
            self.evolve(event)
            step.events.append(event)
        return step


class ForgetsKills(ExecutionMachine):
    """Ignores a kill until all pages are there."""

    def step(self, message: Any, at: int) -> Any:
        execution = self.state.executions.get(getattr(message, "execution_id", ""))
        if isinstance(message, KillExecution) and execution is not None and execution.restoring is not None:
            return Step()
        return super().step(message, at)


@pytest.mark.parametrize(
    "broken", [ForgetsParts, ForgetsPages, TakesWhatIsThere, DropsWhatIsRestored, ForgetsKills]
)
def test_a_broken_restore_is_caught(broken: Make) -> None:
    for seed in range(BROKEN_SEEDS):
        with suppress(AssertionError, KeyError):
            RestoreWorld(seed, broken).run()
            continue
        return
    pytest.fail(f"not caught in {BROKEN_SEEDS} worlds")
