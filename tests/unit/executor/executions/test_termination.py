"""Ends of executions: whatever ends one, the next things still follow."""

from __future__ import annotations

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.states import State
from tests.support.rig.executions import ExecutionRig

AFTER = """
id: f
namespace: tests
tasks:
  - id: a
    type: io.kestra.plugin.core.log.Log
    message: a
    retry: {type: constant, interval: PT10S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}
afterExecution:
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""
LIMITED = AFTER + "concurrency: {limit: 1, behavior: FAIL}\n"


def test_an_execution_that_is_retried_as_a_new_one_runs_after_execution_and_leaves_memory():
    rig = ExecutionRig(AFTER)
    rig.start("f")
    rig.report("a", "failed")
    assert rig.state() == "RETRIED"
    assert rig.out() == ["after"]
    rig.report("after")
    assert rig.machine.open == 0


def test_an_execution_whose_slot_is_refused_after_a_restart_runs_after_execution_and_leaves_memory():
    rig = ExecutionRig(LIMITED)
    rig.start("f")
    rig.slot(SlotGranted)
    rig.kill()
    rig.report("a", "cancelled")
    rig.report("after")
    assert rig.machine.open == 0
    rig.restart_execution()
    rig.slot(SlotRefused, behavior="FAIL")
    assert (rig.state(), rig.run("a").state) == ("FAILED", State.KILLED)
    assert rig.out() == ["after"]
    rig.report("after")
    assert rig.machine.open == 0


def test_an_execution_that_is_killed_while_it_waits_for_a_slot_again_leaves_no_open_run():
    rig = ExecutionRig(LIMITED)
    rig.start("f")
    rig.slot(SlotGranted)
    rig.kill()
    rig.report("a", "cancelled")
    rig.report("after")
    rig.restart_execution()
    rig.slot(SlotQueued)
    rig.kill()
    assert (rig.state(), rig.run("a").state) == ("KILLED", State.KILLED)
    rig.report("after")
    assert rig.machine.open == 0


def test_an_execution_that_ends_by_an_internal_error_runs_after_execution_and_leaves_memory():
    rig = ExecutionRig(AFTER)
    rig.start("f")
    rig.when_it_raised(rig.outcome("a"), "boom")
    rig.settle()
    assert rig.state() == "FAILED"
    assert rig.out() == ["after"]
    rig.report("after")
    assert rig.machine.open == 0


def test_an_internal_error_in_after_execution_gives_it_up():
    rig = ExecutionRig(AFTER)
    rig.start("f")
    rig.report("a")
    assert (rig.state(), rig.out()) == ("SUCCESS", ["after"])
    rig.when_it_raised(rig.outcome("after"), "boom")
    rig.settle()
    assert rig.run("after").state is State.FAILED
    assert rig.machine.open == 0
