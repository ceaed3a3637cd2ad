"""However wide or large an execution is, each step that ends it fits a record."""

from __future__ import annotations

import json

from contracts.codec import encode
from contracts.execution import AttemptEnded, SlotGranted, StartExecution
from contracts.limit import ReleaseSlot
from contracts.machine import Step, TimerDue
from contracts.topics import HARD_RECORD_BYTES
from contracts.trigger import UnlockTrigger
from tests.support.rig.executions import ExecutionRig, started
from tests.unit.executor.executions.flows import LINEAR, WIDE

RETRIED = WIDE.replace(
    '"{{ inputs.text }}"}',
    '"{{ inputs.text }}", retry: {type: constant, interval: PT1S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}}',
)
LARGE_OUTPUTS = """
id: f
namespace: tests
inputs: [{id: big, type: STRING}]
tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]
outputs:
""" + "\n".join(f"- {{id: o{i}, type: STRING, value: '{{{{ inputs.big }}}}'}}" for i in range(5))


def size(step: Step) -> int:
    return sum(len(encode(event)) for event in step.events) + sum(
        len(encode(out.message)) for out in step.outbox
    )


def wide(flow: str, runs: int) -> ExecutionRig:
    rig = started(flow, inputs={"values": json.dumps(list(range(runs)))}, trigger_key="tests/f/t")
    rig.settle()
    assert len(rig.attempts) == runs
    return rig


def test_an_internal_error_beside_thousands_of_open_runs_ends_the_execution_in_small_steps():
    rig = wide(WIDE, 3_000)
    first = rig.when_it_raised(rig.outcome("leaf[7]"), "x" * 100_000)
    assert size(first) < 10_000
    pages = rig.settle()
    assert rig.state() == "FAILED"
    assert set(rig.states().values()) == {"FAILED"}
    assert max(map(size, pages)) < 200_000
    assert len(rig.sent(UnlockTrigger)) == 1
    assert rig.machine.open == 0


def test_nothing_else_happens_to_an_execution_that_ends_in_steps():
    rig = wide(WIDE, 300)
    late = rig.outcome("leaf[8]")
    rig.when_it_raised(rig.outcome("leaf[7]"), "boom")
    rig.restart(snapshot=True)
    assert rig.when(late) == Step()
    assert rig.kill() == Step()
    rig.settle()
    assert rig.state() == "FAILED"
    assert rig.when(late) == Step()


def test_an_input_that_raises_while_the_execution_ends_does_not_leave_runs_open():
    rig = wide(WIDE, 300)
    late = rig.outcome("leaf[8]")
    rig.when_it_raised(rig.outcome("leaf[7]"), "boom")
    assert rig.when_it_raised(late, "boom") == Step()
    rig.settle()
    assert set(rig.states().values()) == {"FAILED"}
    assert rig.machine.open == 0


def test_if_ending_the_runs_raises_too_the_execution_still_ends_and_unlocks():
    rig = wide(WIDE, 300)
    rig.when_it_raised(rig.outcome("leaf[7]"), "boom")
    (name,) = [name for name in rig.timers if name.startswith("end/")]
    rig.when_it_raised(TimerDue(name, rig.timers.pop(name)), "boom again")
    assert rig.state() == "FAILED"
    assert len(rig.sent(UnlockTrigger)) == 1


def test_a_retry_as_a_new_execution_beside_thousands_of_open_runs_fits_its_records():
    rig = wide(RETRIED, 3_000)
    steps = [rig.report("leaf[7]", "failed"), *rig.settle()]
    assert rig.state() == "RETRIED"
    assert rig.run("each").state == "RETRIED"
    ends = [str(run.state) for run in rig.seen().runs.values()]
    assert (ends.count("RETRIED"), ends.count("KILLED")) == (2, 2_999)
    assert len(rig.sent(StartExecution)) == 1
    assert max(map(size, steps)) < 300_000
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_flow_outputs_over_the_limit_fail_the_execution_and_unlock_it():
    flow = LARGE_OUTPUTS.replace("tasks:", "concurrency: {limit: 1}\ntasks:")
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"big": "x" * 200_000}, trigger_key="tests/f/t")
    rig.settle()
    rig.slot(SlotGranted)
    step = rig.report("a")
    assert rig.state() == "FAILED"
    assert "more than 262,144 bytes" in rig.seen().reason
    assert size(step) < 20_000
    assert (len(rig.sent(UnlockTrigger)), len(rig.sent(ReleaseSlot))) == (1, 1)


def test_an_internal_error_does_not_render_the_flow_outputs_again():
    rig = started(LINEAR + "outputs: [{id: o, type: STRING, value: '{{ fails() }}'}]")
    rig.when_it_raised(rig.outcome("a"), "boom")
    rig.settle()
    assert rig.state() == "FAILED"
    assert rig.seen().reason == "Internal error: boom"


def test_large_outputs_and_a_large_next_attempt_go_into_two_records():
    flow = """
    id: f
    namespace: tests
    inputs: [{id: big, type: STRING}]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: hi}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.big }} {{ outputs.a }}"}
    """
    rig = started(flow, inputs={"big": "x" * 220_000})
    rig.settle()
    step = rig.report("a", outputs={"value": "y" * 240_000})
    assert rig.out() == []
    (begun,) = rig.settle()
    assert rig.out() == ["b"]
    assert max(size(step), size(begun)) < HARD_RECORD_BYTES * 0.7


def test_a_foreign_report_with_a_huge_message_is_cut():
    rig = started(LINEAR)
    report = rig.outcome("a", "failed", message="x" * 880_000)
    assert isinstance(report, AttemptEnded)
    assert size(rig.when(report)) < 40_000
    assert rig.state() == "FAILED"
