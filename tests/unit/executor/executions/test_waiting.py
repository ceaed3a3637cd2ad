"""Rounds of LoopUntil and WaitFor."""

import pytest

from contracts.execution import ResumeExecution
from tests.support.rig.executions import started

LOOPING = """
id: f
namespace: tests
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.TYPE
    condition: "{{ outputs.ask.value == 'done' }}"
    checkFrequency: {FREQUENCY}
    EXTRA
    tasks:
      - {id: ask, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.iteration }}"}
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.loop.iterationCount }}"}
"""


def looping(name="LoopUntil", frequency="interval: PT5S", extra=""):
    source = LOOPING.replace("TYPE", name).replace("FREQUENCY", frequency)
    return started(source.replace("    EXTRA\n", f"    {extra}\n" if extra else ""))


def test_rounds_follow_until_the_condition_is_true():
    rig = looping()
    for number in (1, 2):
        rig.report("ask", outputs={"value": "wait"})
        assert rig.state() == "PAUSED"
        assert rig.run("loop").outputs == {"iterationCount": number}
        rig.assert_rebuilds()
        rig.wait(5_000)
        assert rig.state() == "RUNNING"
    assert rig.attempt("ask").run.variables["taskrun"]["iteration"] == 2
    rig.report("ask", outputs={"value": "done"})
    assert rig.states() == {"loop": "SUCCESS", "ask": "SUCCESS", "last": "SUBMITTED"}
    assert rig.run("loop").outputs == {"iterationCount": 3}
    rig.report("last")
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


def test_the_old_form_stays_running_between_rounds():
    rig = looping("WaitFor", "maxIterations: 5")
    rig.report("ask", outputs={"value": "wait"})
    assert rig.state() == "RUNNING"
    rig.restart()
    rig.wait(1_000)
    assert rig.out() == ["ask"]
    rig.assert_rebuilds()


@pytest.mark.parametrize(("extra", "state"), [("failOnMaxReached: true", "FAILED"), ("", "SUCCESS")])
def test_there_are_exactly_as_many_rounds_as_allowed(extra, state):
    rig = looping(frequency="interval: PT1S, maxIterations: 3", extra=extra)
    rounds = 0
    while rig.out() == ["ask"]:
        rounds += 1
        rig.report("ask", outputs={"value": "wait"})
        rig.wait(1_000)
    assert rounds == 3
    assert rig.run("loop").state == state


def test_no_round_begins_after_the_longest_duration():
    rig = looping(frequency="interval: PT10S, maxDuration: PT15S")
    rig.report("ask", outputs={"value": "wait"})
    rig.wait(10_000)
    rig.report("ask", outputs={"value": "wait"})
    assert rig.run("loop").state == "SUCCESS"


def test_a_failing_task_fails_the_loop():
    rig = looping()
    rig.report("ask", "failed")
    assert rig.states() == {"loop": "FAILED", "ask": "FAILED"}


def test_a_condition_that_cannot_be_rendered_fails_the_loop():
    rig = started(
        LOOPING.replace("TYPE", "LoopUntil")
        .replace("FREQUENCY", "")
        .replace("EXTRA", "")
        .replace("outputs.ask.value ==", "outputs.none.value ==")
    )
    rig.report("ask")
    assert rig.run("loop").state == "FAILED"
    assert rig.state() == "FAILED"


@pytest.mark.parametrize("name", ["LoopUntil", "WaitFor"])
def test_a_kill_ends_a_loop_between_two_rounds(name):
    rig = looping(name)
    rig.report("ask", outputs={"value": "wait"})
    rig.kill()
    assert (rig.state(), rig.states()) == ("KILLED", {"loop": "KILLED", "ask": "SUCCESS"})
    assert rig.timers == {}


def test_a_resume_begins_the_next_round_early():
    rig = looping()
    rig.report("ask", outputs={"value": "wait"})
    rig.when(ResumeExecution(execution_id="e1", at=rig.now))
    assert rig.out() == ["ask"]
    assert rig.timers == {}


def test_finally_runs_once_after_the_last_round():
    rig = looping(extra="finally: [{id: z, type: io.kestra.plugin.core.log.Log, message: z}]")
    rig.report("ask", outputs={"value": "wait"})
    rig.wait(5_000)
    rig.report("ask", outputs={"value": "done"})
    assert rig.out() == ["z"]
    rig.report("z")
    assert rig.run("loop").state == "SUCCESS"


def test_a_loop_within_a_loop_repeats_all_of_its_tasks():
    rig = started(
        """
id: f
namespace: tests
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.LoopUntil
    condition: "{{ outputs.outer.iterationCount >= 2 }}"
    checkFrequency: {interval: PT1S}
    tasks:
      - id: inner
        type: io.kestra.plugin.core.flow.LoopUntil
        condition: "{{ outputs.inner.iterationCount >= 2 }}"
        checkFrequency: {interval: PT1S}
        tasks:
          - {id: leaf, type: io.kestra.plugin.core.log.Log, message: x}
"""
    )
    reported = 0
    while rig.out():
        reported += 1
        rig.report("leaf")
        rig.wait(1_000)
        rig.wait(1_000)
        rig.assert_rebuilds()
    assert reported == 4
    assert rig.state() == "SUCCESS"
