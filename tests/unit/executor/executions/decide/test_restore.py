"""Restarts and replays whose task runs come in parts."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.codec import encode
from contracts.execution import (
    AttemptRecord,
    CommandInParts,
    ExecutionRecord,
    ExecutionRestarted,
    History,
    KillExecution,
    Replay,
    RestartExecution,
    RunsPart,
    RunsRestored,
    StartExecution,
    TaskRunRecord,
)
from contracts.machine import Step
from contracts.message import Message
from contracts.scalars import derive_id
from contracts.states import State
from services.executor.executions.decide.restore import MISSING, PAGE_BYTES
from services.executor.executions.transfer import KEPT_MS, MOST_PARTS
from services.web.core.write.parts import in_records
from tests.support.rig import BEGIN
from tests.support.rig.executions import NAMESPACE, ExecutionRig

FLOW = """
id: f
namespace: tests
inputs: [{id: n, type: INT, defaults: 2000}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 0
    tasks: [{id: leaf, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}]
  - {id: last, type: io.kestra.plugin.core.log.Log, message: hi}
"""
RUNS = 2_000
FAILED = frozenset({"7", "1999"})


def past(number: int, execution_id: str = "e1") -> ExecutionRecord:
    """Return an ended execution whose loop ran many values, of which two failed."""
    at = BEGIN - 1_000
    ended = [History(State.CREATED, at), History(State.RUNNING, at)]

    def leaf(index: int) -> TaskRunRecord:
        state = State.FAILED if str(index + 1) in FAILED else State.SUCCESS
        return TaskRunRecord(
            id=derive_id("leaf", str(index)),
            task_id="leaf",
            parent_id="each-run",
            value=str(index + 1),
            iteration=index,
            histories=[*ended, History(state, at)],
            attempts=[AttemptRecord(number=1)],
            outputs={"value": "x" * 100},
        )

    each = TaskRunRecord(id="each-run", task_id="each", histories=[*ended, History(State.FAILED, at)])
    return ExecutionRecord(
        id=execution_id,
        namespace=NAMESPACE,
        flow_id="f",
        revision=1,
        seq=3 * number,
        histories=[History(State.CREATED, at), History(State.RUNNING, at), History(State.FAILED, at)],
        inputs={"n": number},
        task_runs=[each, *(leaf(index) for index in range(number))],
    )


def rig_of() -> ExecutionRig:
    rig = ExecutionRig(FLOW)
    seen = rig.projection.executions
    record = past(RUNS)
    from tests.support.projection import SeenExecution, SeenRun

    seen["e1"] = SeenExecution(
        "e1",
        record.seq,
        [each.state for each in record.histories],
        {
            run.id: SeenRun(
                run.id,
                run.task_id,
                run.parent_id,
                run.value,
                run.iteration,
                [h.state for h in run.histories],
                len(run.attempts),
                run.outputs,
            )
            for run in record.task_runs
        },
    )
    return rig


def restart(record: ExecutionRecord | None = None, **fields: Any) -> list[Message]:
    record = record or past(RUNS)
    return in_records(RestartExecution(execution_id=record.id, at=BEGIN, record=record, **fields))


def replay(task_run_id: str | None) -> list[Message]:
    return in_records(
        StartExecution(
            execution_id="e2",
            namespace=NAMESPACE,
            flow_id="f",
            at=BEGIN,
            inputs={"n": RUNS},
            replay=Replay(record=past(RUNS), task_run_id=task_run_id),
        )
    )


def size(step: Step) -> int:
    return len(encode(step.events)) + sum(len(encode(out.message)) for out in step.outbox)


def test_a_restart_of_thousands_of_runs_repeats_only_what_failed():
    rig = rig_of()
    for message in restart():
        rig.when(message)
    rig.settle()
    assert sorted(rig.out()) == ["leaf[1999]", "leaf[7]"]
    assert sum(state == "SUCCESS" for state in rig.states().values()) == RUNS - len(FAILED)
    assert max(map(size, rig.steps)) < 3 * PAGE_BYTES
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert len(rig.seen().runs) == RUNS + 2
    assert not rig.machine.state.transfers.by_id
    assert not [name for name in rig.timers if name.startswith("drop/")]


def test_what_is_restored_is_the_same_as_when_one_record_has_it_all():
    few = msgspec.structs.replace(past(8), inputs={"n": 8})
    whole, parts = ExecutionRig(FLOW), ExecutionRig(FLOW)
    command = RestartExecution(execution_id="e1", at=BEGIN, record=few)
    whole.machine.step(command, BEGIN)
    bare = msgspec.structs.replace(few, task_runs=[])
    for number, runs in enumerate((few.task_runs[:3], few.task_runs[3:])):
        parts.machine.step(
            RunsPart(execution_id="e1", transfer_id="t", number=number, at=BEGIN, runs=runs), BEGIN
        )
    inner = msgspec.structs.replace(command, record=bare)
    step = parts.machine.step(
        CommandInParts(execution_id="e1", transfer_id="t", parts=2, at=BEGIN, restart=inner), BEGIN
    )
    while step.timers and any(timer.name == "restore/e1" and timer.due is not None for timer in step.timers):
        from contracts.machine import TimerDue

        step = parts.machine.step(TimerDue("restore/e1", BEGIN), BEGIN)
    one, other = (rig.machine.state.executions["e1"] for rig in (whole, parts))
    assert [(run.id, run.state, run.attempt) for run in one.runs.values()] == [
        (run.id, run.state, run.attempt) for run in other.runs.values()
    ]
    assert (one.state, one.attempt_number, one.labels) == (other.state, other.attempt_number, other.labels)


def test_it_survives_a_crash_between_any_two_steps_from_the_journal_and_from_snapshots():
    for snapshot in (False, True):
        rig = rig_of()
        for message in restart():
            rig.when(message)
            rig.when(message)  # sent again
            rig.restart(snapshot=snapshot)
        while (name := rig.next_timer(rig.now)) is not None:
            rig.fire(name)
            if rig.machine.state.transfers.by_id:
                rig.restart(snapshot=snapshot)
        assert sorted(rig.out()) == ["leaf[1999]", "leaf[7]"]


def test_the_command_again_changes_nothing():
    rig = rig_of()
    for message in restart():
        rig.when(message)
    rig.settle()
    for message in restart():
        rig.when(message)
    assert not rig.machine.state.transfers.by_id
    rig.run_to_end()
    for message in restart():
        rig.when(message)
    rig.settle()
    assert rig.state() == "SUCCESS", "its record is older than the last end"


def test_a_missing_part_does_nothing_and_says_so():
    rig = rig_of()
    first, *_, last = restart()
    rig.when(first)
    assert rig.when(last).outbox
    assert rig.logs == [MISSING]
    assert rig.state() == "FAILED"
    assert "e1" not in rig.machine.state.executions
    assert not rig.machine.state.transfers.by_id


def test_parts_without_their_command_are_forgotten():
    rig = rig_of()
    rig.when(restart()[0])
    rig.restart(snapshot=True)
    rig.wait(KEPT_MS)
    assert not rig.machine.state.transfers.by_id
    assert not rig.timers


def test_a_partition_keeps_so_many_parts_and_no_more():
    rig = rig_of()
    for number in range(MOST_PARTS + 1):
        rig.when(RunsPart(execution_id="e1", transfer_id=f"t{number % 2}", number=number, at=BEGIN, runs=[]))
    assert rig.machine.state.transfers.count == MOST_PARTS


def test_a_kill_while_it_is_restored_waits_for_the_last_page():
    rig = rig_of()
    for message in restart():
        rig.when(message)
    rig.when(KillExecution(execution_id="e1", at=rig.now))
    rig.restart(snapshot=True)
    rig.settle()
    rig.run_to_end(lambda _: "cancelled")
    assert rig.state() == "KILLED"
    assert len(rig.seen().runs) == RUNS + 1
    assert not rig.machine.state.early_kills


def test_a_replay_of_thousands_of_runs_begins_at_the_chosen_one():
    rig = ExecutionRig(FLOW)
    for message in replay(derive_id("leaf", "6")):
        rig.when(message)
        rig.restart(snapshot=True)
    while rig.machine.state.transfers.by_id:
        rig.fire("restore/e2")
        rig.restart()
    rig.settle()
    assert rig.out() == ["leaf[7]"]
    kinds = [type(event) for event in rig.events_of("e2")]
    assert kinds.count(ExecutionRestarted) == 1
    assert kinds.count(RunsRestored) > 1
    assert max(map(size, rig.steps)) < 3 * PAGE_BYTES


def test_a_replay_without_all_parts_is_an_execution_that_says_so():
    rig = ExecutionRig(FLOW)
    first, *_, last = replay(None)
    rig.when(first)
    rig.when(last)
    assert rig.state("e2") == "FAILED"
    assert rig.seen("e2").reason == MISSING
    assert not rig.machine.state.transfers.by_id


def test_while_older_replicas_are_there_nothing_is_begun_in_parts():
    rig = ExecutionRig(FLOW, write_version=2)
    for message in replay(None):
        rig.when(message)
    assert rig.seen("e2").reason == MISSING


def test_the_record_of_the_restarted_one_is_whole_for_the_next_restart():
    rig = rig_of()
    for message in restart():
        rig.when(message)
    rig.settle()
    rig.report("leaf[7]", "failed")
    rig.run_to_end()
    assert rig.state() == "FAILED"
