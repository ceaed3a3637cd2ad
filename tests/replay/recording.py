"""A recorded history of the executions core: flows, inputs, events. ``python -m tests.replay.recording`` writes missing ones.
An existing one is never written again, because it represents records in users' topics."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from contracts.execution import RestartExecution, SlotGranted, SlotQueued
from contracts.machine import Input, Step, TimerDue
from tests.support.rig.executions import ExecutionRig, record_of
from tests.unit.executor.executions import flows

FOLDER = Path(__file__).parent / "executions"


class RecordedStep(msgspec.Struct, kw_only=True, omit_defaults=True):
    at: int
    message: msgspec.Raw = msgspec.Raw(b"null")
    timer: str | None = None
    due: int = 0
    events: list[msgspec.Raw] = []


class Recording(msgspec.Struct, kw_only=True):
    sources: list[str]
    steps: list[RecordedStep] = []
    states: dict[str, str] = {}
    """By task run name, at the end. ``""`` is the execution's own."""


class Recorder(ExecutionRig):
    """A rig that records its inputs and their results."""

    def __init__(self, *sources: str) -> None:
        super().__init__(*sources)
        self.steps_seen: list[RecordedStep] = []

    def when(self, message: Input) -> Step:
        before = len(self.journal)
        at = self.now
        step = super().when(message)
        events = [msgspec.Raw(raw) for raw in self.journal[before:]]
        if isinstance(message, TimerDue):
            self.steps_seen.append(RecordedStep(at=at, timer=message.name, due=message.due, events=events))
        else:
            raw = msgspec.Raw(msgspec.json.encode(message))
            self.steps_seen.append(RecordedStep(at=at, message=raw, events=events))
        return step


def _clean_up(rig: ExecutionRig) -> None:
    rig.start("f")
    rig.report("a", outputs={"value": 1})
    rig.report("b", "failed", message="no")
    for name in ("e", "z", "after"):
        rig.report(name)
    record = record_of(rig.seen(), rig.events_of("e1"))
    rig.when(RestartExecution(execution_id="e1", at=rig.now, record=record))
    rig.run_to_end()


def _retries(rig: ExecutionRig) -> None:
    rig.start("f")
    rig.report("a", "lost")
    rig.report("a", "failed")
    rig.wait(10_000)
    rig.begins("a")
    rig.report("a")


def _loops(rig: ExecutionRig) -> None:
    rig.start("f", inputs={"values": "[1, 2, 3]"})
    rig.report("one[1]", outputs={"value": "first"})
    rig.report("one[2]", outputs_uri="kestra:///large")
    rig.run_to_end()


def _killed(rig: ExecutionRig) -> None:
    rig.start("f")
    rig.begins("a")
    rig.kill()
    rig.report("a", "cancelled")
    rig.report("b")


def _slots(rig: ExecutionRig) -> None:
    rig.start("f")
    rig.slot(SlotQueued)
    rig.slot(SlotGranted)
    rig.run_to_end()


SCENARIOS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "clean_up_and_restart": (flows.CLEANING, _clean_up),
    "loss_and_retry": (flows.RETRYING, _retries),
    "loop": (flows.loop(2), _loops),
    "killed": (flows.PARALLEL, _killed),
    "queued": (flows.LINEAR + "concurrency: {limit: 1}\n", _slots),
}


def record(name: str) -> Recording:
    source, play = SCENARIOS[name]
    recorder = Recorder(source)
    play(recorder)
    return Recording(
        sources=[source], steps=recorder.steps_seen, states={"": recorder.state(), **recorder.states()}
    )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in SCENARIOS:
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_bytes(msgspec.json.format(msgspec.json.encode(record(name)), indent=1) + b"\n")
            sys.stdout.write(f"recorded {name}\n")


if __name__ == "__main__":
    main()
