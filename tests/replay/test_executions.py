"""Recorded histories fold to the recorded states, and the same inputs still give the same decisions."""

from pathlib import Path

import msgspec
import pytest

from contracts.codec import Codec, encode
from contracts.execution import EarlierCommand, StartExecution
from contracts.machine import Input, TimerDue
from services.executor.executions.event import JOURNAL
from services.executor.executions.machine import ExecutionMachine
from tests.replay.recording import FOLDER, SCENARIOS, RecordedStep, Recording
from tests.support.flow_book import FlowBook
from tests.support.projection import Projection

HISTORIES = sorted(FOLDER.glob("*.json"))
_inputs: Codec[object] = Codec(EarlierCommand | StartExecution)


def recording(path: Path) -> Recording:
    return msgspec.json.decode(path.read_bytes(), type=Recording)


def input_of(step: RecordedStep) -> Input:
    if step.timer is not None:
        return TimerDue(step.timer, step.due)
    return _inputs.decode(bytes(step.message))  # type: ignore[return-value]


def test_every_scenario_is_recorded():
    assert {path.stem for path in HISTORIES} == set(SCENARIOS)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_folds_to_the_recorded_states(path: Path):
    recorded = recording(path)
    machine, projection = ExecutionMachine(FlowBook()), Projection()
    for step in recorded.steps:
        for raw in step.events:
            event = JOURNAL.decode(bytes(raw))
            machine.evolve(event)
            projection.see(event)
            assert msgspec.json.decode(encode(event)) == msgspec.json.decode(raw)
    seen = projection.executions["e1"]
    assert {"": seen.state.value, **seen.states()} == recorded.states
    assert machine.open == 0


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_recorded_inputs_are_decided_as_they_were(path: Path):
    recorded = recording(path)
    machine = ExecutionMachine(FlowBook(*recorded.sources))
    for step in recorded.steps:
        decided = machine.step(input_of(step), step.at)
        expected = [msgspec.json.decode(raw) for raw in step.events]
        assert [msgspec.json.decode(encode(event)) for event in decided.events] == expected
