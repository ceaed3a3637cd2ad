"""Fences, losses, retries."""

import pytest

from contracts.execution import AttemptEnded, StartExecution
from tests.support.spec import FlowBook, WithdrawAttempt, World
from tests.unit.executor.executions.flows import LINEAR, PARALLEL, RETRYING


def world_of(*sources: str, **options) -> World:
    world = World(FlowBook(*sources), options)
    world.start("f")
    return world


def is_nothing(step) -> bool:
    return not step.events and not step.outbox and not step.timers


def test_an_outcome_that_comes_twice_counts_once():
    world = world_of(LINEAR)
    outcome = world.outcome("a")
    world.when(outcome)
    assert is_nothing(world.when(outcome))


def test_a_report_of_a_fenced_or_unknown_attempt_changes_nothing():
    world = world_of(LINEAR)
    late = world.outcome("a")
    world.report("a", "lost")
    assert world.attempt("a").run.attempt == 2
    assert is_nothing(world.when(late))
    unknown = AttemptEnded(
        execution_id="e1", task_run_id="nobody", attempt=1, outcome="succeeded", at=world.at
    )
    assert is_nothing(world.when(unknown))
    elsewhere = AttemptEnded(
        execution_id="e9", task_run_id="nobody", attempt=1, outcome="succeeded", at=world.at
    )
    assert is_nothing(world.when(elsewhere))


def test_a_start_that_was_reported_is_not_told_again_at_the_end():
    world = world_of(LINEAR)
    world.begins("a")
    assert is_nothing(world.begins("a"))
    assert type(world.report("a").events[0]).__name__ == "TaskRunEnded"


def test_lost_attempts_are_repeated_outside_the_retry_policy_and_given_up_after_six():
    world = world_of(LINEAR)
    for attempt in range(2, 7):
        world.begins("a")
        world.report("a", "lost")
        assert world.attempt("a").run.attempt == attempt
    world.report("a", "lost")
    assert world.states() == {"a": "FAILED"}
    assert "6 attempts were lost" in world.logs[0]
    world.assert_rebuilds()


def test_losses_do_not_count_against_the_policy():
    world = world_of(RETRYING)
    world.report("a", "lost")
    for _ in range(2):
        world.report("a", "failed")
        world.pass_time(10_000)
    assert world.attempt("a").run.attempt == 4
    world.report("a", "timed_out")
    assert world.states()["a"] == "FAILED"


def test_no_retry_beyond_max_duration():
    flow = RETRYING.replace("maxAttempts: 3", "maxDuration: PT15S")
    world = world_of(flow)
    world.report("a", "failed")
    world.pass_time(10_000)
    world.report("a", "failed")
    assert world.states()["a"] == "FAILED"


def test_success_at_the_second_attempt_warns_when_asked_to():
    world = world_of(RETRYING.replace("maxAttempts: 3", "maxAttempts: 3, warningOnRetry: true"))
    world.report("a", "failed")
    world.pass_time(10_000)
    world.report("a")
    assert world.states()["a"] == "WARNING"


def test_the_nearest_policy_applies_from_the_flowable_and_the_flow():
    flow = PARALLEL.replace("concurrent: 2", "retry: {type: constant, interval: PT1S, maxAttempts: 2}")
    flow += "retry: {type: constant, interval: PT5S, maxAttempts: 2}\n"
    world = world_of(flow)
    world.report("a", "failed")
    assert sorted(world.timers.values()) == [world.at + 1000]
    assert world.state() == "RUNNING", "others still run"
    world.pass_time(1000)
    for name in ("a", "b", "c"):
        world.report(name)
    world.report("last", "failed")
    assert sorted(world.timers.values()) == [world.at + 5000]
    assert world.state() == "RETRYING"


def test_create_new_execution_ends_this_one_retried_and_starts_a_successor_at_the_date():
    retry = "retry: {type: constant, interval: PT1S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    world = world_of(PARALLEL + retry)
    world.report("a", "failed")
    assert world.state() == "RETRIED"
    assert world.states() == {"p": "RETRIED", "a": "RETRIED", "b": "KILLED"}
    assert [message.task_run_id for message in world.sent(WithdrawAttempt)] == [world.run("b").id]
    (successor,) = world.sent(StartExecution)
    assert successor.attempt_number == 2
    assert successor.parent_id == successor.original_id == "e1"
    assert successor.scheduled_at == world.at + 1000
    world.attempts.clear()
    world.when(successor)
    world.pass_time(1000)
    world.report("a", "failed")
    world.report("b")
    assert world.state(successor.execution_id) == "FAILED", "two executions were allowed"
    world.assert_rebuilds()


@pytest.mark.parametrize("outcome", ["failed", "timed_out"])
def test_outputs_of_a_failed_attempt_are_kept(outcome):
    world = world_of(LINEAR)
    world.report("a", outcome, outputs={"exitCode": 3}, message="exit 3")
    assert world.run("a").outputs == {"exitCode": 3}
    assert world.run("a").message == "exit 3"


def test_large_outputs_travel_as_a_reference():
    world = world_of(LINEAR)
    world.report("a", outputs_uri="kestra:///tests/f/a.json")
    run = world.attempt("b").run
    assert [(each.path, each.uri) for each in run.references] == [
        (["outputs", "a"], "kestra:///tests/f/a.json")
    ]
    world.assert_rebuilds()
