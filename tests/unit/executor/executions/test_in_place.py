"""Pure tasks are decided in the step that begins them, and everything else goes to a worker."""

from __future__ import annotations

import pytest

from contracts.codec import encode
from contracts.execution import TaskRunCreated, TaskRunEnded, TaskRunStarted
from contracts.machine import Step
from contracts.telemetry import AttemptLogs, AttemptMetrics
from contracts.work import EnqueueAttempt
from tests.support.rig.executions import ExecutionRig, started

CORE = "io.kestra.plugin.core."


def flow(*tasks: str, more: str = "") -> str:
    listed = "\n".join(f"  - {{id: t{place}, type: {CORE}{task}}}" for place, task in enumerate(tasks))
    return f"id: f\nnamespace: tests\n{more}\ntasks:\n{listed}\n"


def begun(*tasks: str, more: str = "", in_place: bool = True, **start: object) -> ExecutionRig:
    return started(flow(*tasks, more=more), options={"in_place": in_place}, **start)


def size(step: Step) -> int:
    return sum(len(encode(event)) for event in step.events) + sum(
        len(encode(out.message)) for out in step.outbox
    )


def test_an_execution_of_pure_tasks_is_one_step_and_nothing_is_dispatched():
    rig = begun('debug.Return, format: "{{ flow.id }}!"', 'log.Log, message: "{{ outputs.t0.value }}"')
    (step,) = rig.steps
    assert rig.state() == "SUCCESS"
    assert rig.run("t0").outputs == {"value": "f!"}
    assert rig.logs == ["f!", "f!"]
    assert rig.sent(EnqueueAttempt) == []
    kinds = [type(event) for event in step.events]
    assert kinds[2:5] == [TaskRunCreated, TaskRunStarted, TaskRunEnded]
    assert [each.attempt for each in rig.sent(AttemptLogs)] == [1, 1]
    assert [point.name for each in rig.sent(AttemptMetrics) for point in each.points] == [
        "length",
        "duration",
    ]
    rig.assert_rebuilds()


@pytest.mark.parametrize(
    "task",
    [
        "log.Log, message: \"{{ secret('X') }}\"",
        'log.Log, message: "{{ render(inputs.text) }}"',
        'debug.Return, format: "{{ range(1, 4000) | join }}"',
        'debug.Return, format: "{{ inputs.long }}"',
        'log.Log, message: "{{ inputs.long }}"',
        "log.Log, message: hi, workerGroup: {key: gpu}",
        "log.Log, message: hi, timeout: \"{{ 'PT1S' }}\"",
        "log.Log, message: hi, timeout: PT0S",
        "flow.Sleep, duration: PT1S",
    ],
)
def test_what_is_not_certain_here_goes_to_a_worker(task: str):
    inputs = "inputs: [{id: text, type: STRING}, {id: long, type: STRING}]"
    rig = begun(task, more=inputs, inputs={"text": "{{ secret('X') }}", "long": "x" * 20_000})
    assert rig.out() == ["t0"]
    assert rig.logs == []
    assert rig.states() == {"t0": "SUBMITTED"}


def test_large_outputs_of_an_earlier_task_are_read_by_a_worker():
    rig = begun("flow.Sleep, duration: PT1S", 'log.Log, message: "{{ outputs.t0.value }}"')
    rig.report("t0", outputs_uri="kestra:///large.json")
    assert rig.out() == ["t1"]


def test_the_setting_sends_everything_to_workers():
    assert begun("log.Log, message: hi", in_place=False).out() == ["t0"]


def test_a_failing_task_is_retried_with_the_next_number_after_its_delay():
    retry = "retry: {type: constant, interval: PT5S, maxAttempts: 3}"
    rig = begun(f"execution.Fail, errorMessage: no, {retry}")
    assert rig.states() == {"t0": "RETRYING"}
    assert rig.state() == "RETRYING"
    rig.wait(10_000)
    assert (rig.state(), rig.run("t0").attempt) == ("FAILED", 3)
    assert rig.logs == ["no", "no", "no"]
    assert [each.attempt for each in rig.sent(AttemptLogs)] == [1, 2, 3]


def test_a_long_chain_goes_on_in_small_steps():
    rig = begun(*["log.Log, message: hi"] * 220)
    steps = [*rig.steps, *rig.settle()]
    assert rig.state() == "SUCCESS"
    assert len(steps) == 5
    assert max(map(size, steps)) < 100_000
    assert max(len([e for e in step.events if isinstance(e, TaskRunCreated)]) for step in steps) <= 50


def test_large_results_go_into_several_records():
    rig = begun(
        *['debug.Return, format: "{{ inputs.text }}"'] * 45,
        more="inputs: [{id: text, type: STRING}]",
        inputs={"text": "x" * 4_000},
    )
    steps = [*rig.steps, *rig.settle()]
    assert rig.state() == "SUCCESS"
    assert max(map(size, steps)) < 450_000
    assert len(steps) > 1


def test_a_wide_loop_runs_without_a_worker_and_leaves_nothing_behind():
    source = f"""
    id: f
    namespace: tests
    tasks:
      - id: each
        type: {CORE}flow.ForEach
        values: "{{{{ range(1, 1000) }}}}"
        concurrencyLimit: 0
        tasks:
          - {{id: leaf, type: {CORE}log.Log, message: "{{{{ taskrun.value }}}}"}}
    """
    rig = started(source, options={"in_place": True})
    steps = [*rig.steps, *rig.settle()]
    assert rig.state() == "SUCCESS"
    assert sorted(rig.logs) == sorted(str(number) for number in range(1, 1_001))
    assert max(map(size, steps)) < 150_000
    assert rig.machine.open == 0


def test_a_kill_that_was_read_before_keeps_everything_from_running():
    rig = ExecutionRig(flow("log.Log, message: hi"), in_place=True)
    rig.kill()
    rig.start("f")
    assert (rig.state(), rig.logs) == ("KILLED", [])
