"""Ends of executions: whatever ends one, what is to follow follows."""

from __future__ import annotations

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.states import State
from tests.support.spec import FlowBook, World

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
    world = World(FlowBook(AFTER))
    world.start("f")
    world.report("a", "failed")
    assert world.state() == "RETRIED"
    assert world.out() == ["after"]
    world.report("after")
    assert world.machine.open == 0


def test_an_execution_whose_slot_is_refused_after_a_restart_runs_after_execution_and_leaves_memory():
    world = World(FlowBook(LIMITED))
    world.start("f")
    world.slot(SlotGranted)
    world.kill()
    world.report("a", "cancelled")
    world.report("after")
    assert world.machine.open == 0
    world.restart()
    world.slot(SlotRefused, behavior="FAIL")
    assert (world.state(), world.run("a").state) == ("FAILED", State.KILLED)
    assert world.out() == ["after"]
    world.report("after")
    assert world.machine.open == 0


def test_an_execution_that_is_killed_while_it_waits_for_a_slot_again_leaves_no_open_run():
    world = World(FlowBook(LIMITED))
    world.start("f")
    world.slot(SlotGranted)
    world.kill()
    world.report("a", "cancelled")
    world.report("after")
    world.restart()
    world.slot(SlotQueued)
    world.kill()
    assert (world.state(), world.run("a").state) == ("KILLED", State.KILLED)
    world.report("after")
    assert world.machine.open == 0


def test_an_execution_that_ends_by_an_internal_error_runs_after_execution_and_leaves_memory():
    world = World(FlowBook(AFTER))
    world.start("f")
    world.failed(world.outcome("a"), "boom")
    assert world.state() == "FAILED"
    world.settle()
    assert world.out() == ["after"]
    world.report("after")
    assert world.machine.open == 0


def test_an_internal_error_in_after_execution_gives_it_up():
    world = World(FlowBook(AFTER))
    world.start("f")
    world.report("a")
    assert (world.state(), world.out()) == ("SUCCESS", ["after"])
    world.failed(world.outcome("after"), "boom")
    assert world.run("after").state is State.FAILED
    assert world.machine.open == 0
