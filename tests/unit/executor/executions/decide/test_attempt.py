"""Fences, losses, retries."""

import pytest

from contracts.execution import AttemptEnded, TaskRunEnded
from tests.support.rig import is_nothing
from tests.support.rig.executions import ExecutionRig, started
from tests.unit.executor.executions.flows import LINEAR, RETRYING


def test_an_outcome_that_comes_twice_counts_once():
    rig = started(LINEAR)
    outcome = rig.outcome("a")
    rig.when(outcome)
    assert is_nothing(rig.when(outcome))


def test_a_report_of_a_fenced_or_unknown_attempt_changes_nothing():
    rig = started(LINEAR)
    late = rig.outcome("a")
    rig.report("a", "lost")
    assert rig.attempt("a").run.attempt == 2
    assert is_nothing(rig.when(late))
    unknown = AttemptEnded(
        execution_id="e1", task_run_id="nobody", attempt=1, outcome="succeeded", at=rig.now
    )
    assert is_nothing(rig.when(unknown))
    elsewhere = AttemptEnded(
        execution_id="e9", task_run_id="nobody", attempt=1, outcome="succeeded", at=rig.now
    )
    assert is_nothing(rig.when(elsewhere))


def test_a_reported_start_is_not_repeated_at_the_end():
    rig = started(LINEAR)
    rig.begins("a")
    assert is_nothing(rig.begins("a"))
    assert type(rig.report("a").events[0]).__name__ == "TaskRunEnded"


def test_lost_attempts_are_repeated_outside_the_retry_policy_and_given_up_after_six():
    rig = started(LINEAR)
    for attempt in range(2, 7):
        rig.begins("a")
        rig.report("a", "lost")
        assert rig.attempt("a").run.attempt == attempt
    rig.report("a", "lost")
    assert rig.states() == {"a": "FAILED"}
    assert "6 attempts were lost" in rig.logs[0]
    rig.assert_rebuilds()


def test_success_at_the_second_attempt_warns_when_asked_to():
    rig = started(RETRYING.replace("maxAttempts: 3", "maxAttempts: 3, warningOnRetry: true"))
    rig.report("a", "failed")
    rig.wait(10_000)
    rig.report("a")
    assert rig.states()["a"] == "WARNING"


@pytest.mark.parametrize("outcome", ["failed", "timed_out"])
def test_outputs_of_a_failed_attempt_are_kept(outcome):
    rig = started(LINEAR)
    rig.report("a", outcome, outputs={"exitCode": 3}, message="exit 3")
    assert rig.run("a").outputs == {"exitCode": 3}
    assert rig.run("a").message == "exit 3"


def test_large_outputs_travel_as_a_reference():
    rig = started(LINEAR)
    rig.report("a", outputs_uri="kestra:///tests/f/a.json")
    run = rig.attempt("b").run
    assert [(each.path, each.uri) for each in run.references] == [
        (["outputs", "a"], "kestra:///tests/f/a.json")
    ]
    rig.assert_rebuilds()


def test_outputs_that_should_have_come_by_reference_fail_the_task_run():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    """
    rig = ExecutionRig(flow)
    rig.start("f")
    rig.report("a", outputs={"value": "x" * 300_000})
    assert rig.states() == {"a": "FAILED"}
    assert "dropped" in rig.run("a").message


@pytest.mark.parametrize(
    ("properties", "outcome", "state", "own"),
    [
        ("allowFailure: true", "failed", "WARNING", "failed"),
        ("allowFailure: true, allowWarning: true", "timed_out", "SUCCESS", "timed_out"),
        ("allowWarning: true", "warned", "SUCCESS", "warned"),
        ("logLevel: INFO", "failed", "FAILED", None),
        ("logLevel: INFO", "succeeded", "SUCCESS", None),
    ],
)
def test_the_end_says_how_the_attempt_ended_where_the_run_ended_otherwise(properties, outcome, state, own):
    rig = started(
        f"id: f\nnamespace: tests\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: a, {properties}}}]"
    )
    step = rig.report("a", outcome)
    (end,) = [event for event in step.events if isinstance(event, TaskRunEnded)]
    assert (end.state, end.outcome) == (state, own)
