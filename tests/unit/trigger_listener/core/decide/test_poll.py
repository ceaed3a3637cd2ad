"""A source is polled: when it is asked, and what its answer starts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contracts.address import ReplyTo
from contracts.execution import AttemptStarted, CheckExecution, StartExecution
from contracts.machine import TimerDue
from contracts.polling import FoundEvent
from contracts.telemetry import AttemptLogs
from contracts.trigger import (
    DefineTrigger,
    TriggerDefined,
    TriggerEvaluated,
    TriggerEvaluating,
    TriggerSkipped,
)
from contracts.work import EnqueueAttempt, RunAttempt, WithdrawAttempt
from tests.support.rig import is_nothing, messages
from tests.support.rig.polls import INBOX, TIMEOUT_MS, PollRig, attempts
from tests.support.rig.triggers import KEY, NAMES, events, starts

MINUTE = 60_000


@pytest.fixture
def rig() -> PollRig:
    return PollRig()


def test_a_source_is_asked_as_soon_as_its_trigger_is_saved(rig: PollRig) -> None:
    rig.poll_with(folder="in")

    (step,) = rig.wait(0)

    (event,) = step.events
    assert isinstance(event, TriggerEvaluating)
    (asked,) = messages(step.outbox, EnqueueAttempt)
    run = msgspec.json.decode(asked.run, type=RunAttempt)
    assert (asked.group, asked.wait, asked.fair_key) == ("default", False, "company.team/hello")
    assert (run.task_type, run.task_id, run.task_run_id) == (INBOX, "daily", event.evaluation_id)
    assert run.poll is not None
    assert (run.poll.trigger_id, run.poll.accepted) == ("daily", [])
    assert asked.reply_to == run.reply_to == ReplyTo("triggers.reports", KEY)
    assert msgspec.json.decode(run.task) == {"properties": {"folder": "in"}}
    assert run.timeout_template == "PT600S"
    assert run.variables["trigger"] == {"id": "daily", "type": INBOX}
    assert run.variables["flow"]["id"] == "hello"


def test_the_next_poll_is_an_interval_after_the_end_of_the_last_one(rig: PollRig) -> None:
    rig.poll_with(interval="PT2M")
    first = rig.asked()
    rig.wait(30_000)

    assert events(rig.report(first)) == ["trigger.evaluated.v1"]

    assert attempts(*rig.wait(2 * MINUTE - 1)) == []
    assert len(attempts(*rig.wait(1))) == 1


def test_a_minute_is_the_interval_of_a_trigger_that_names_none(rig: PollRig) -> None:
    rig.poll_with()
    rig.report(rig.asked())
    assert attempts(*rig.wait(MINUTE - 1)) == []
    assert len(attempts(*rig.wait(1))) == 1


def test_less_than_a_second_counts_as_a_second(rig: PollRig) -> None:
    rig.poll_with(interval="PT0.01S")
    rig.report(rig.asked())
    assert attempts(*rig.wait(999)) == []
    assert len(attempts(*rig.wait(1))) == 1


def test_what_is_found_starts_an_execution_with_its_variables(rig: PollRig) -> None:
    rig.poll_with(
        inputs={"who": "{{ trigger.who }}"},
        labels={"team": "{{ vars.team }}"},
        variables={"vars": {"team": "a"}},
    )
    run = rig.asked()

    step = rig.report(run, FoundEvent("", {"who": "me"}))

    (start,) = starts(step)
    assert start.execution_id == run.execution_id, "its files are those of this execution"
    assert (start.inputs, start.labels) == ({"who": "me"}, {"team": "a"})
    assert start.trigger is not None
    assert (start.trigger.id, start.trigger.type, start.trigger.variables) == ("daily", INBOX, {"who": "me"})
    assert start.trigger_key == KEY
    assert rig.trigger.locked_by == start.execution_id


def test_nothing_is_asked_while_its_execution_runs(rig: PollRig) -> None:
    rig.poll_with()
    (start,) = starts(rig.report(rig.asked(), FoundEvent()))

    waited = rig.wait(30 * MINUTE)
    assert attempts(*waited) == []
    assert [each.execution_id for step in waited for each in messages(step.outbox, CheckExecution)] != []

    rig.unlock(start.execution_id)
    assert len(attempts(*rig.wait(0))) == 1


def test_allow_concurrent_asks_again_all_the_same(rig: PollRig) -> None:
    rig.poll_with(allowConcurrent=True)
    (start,) = starts(rig.report(rig.asked(), FoundEvent()))
    assert start.trigger_key is None
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_stop_after_disables_the_trigger(rig: PollRig) -> None:
    rig.poll_with(stopAfter=["SUCCESS"])
    (start,) = starts(rig.report(rig.asked(), FoundEvent()))
    assert events(rig.unlock(start.execution_id)) == ["trigger.unlocked.v1", "trigger.disabled_set.v1"]
    assert attempts(*rig.wait(60 * MINUTE)) == []


def test_each_of_several_events_starts_one_and_the_last_locks(rig: PollRig) -> None:
    rig.poll_with()
    found = starts(
        rig.report(rig.asked(), FoundEvent("a", {"n": 1}), FoundEvent("b", {"n": 2}), FoundEvent("a"))
    )
    assert [start.trigger.variables for start in found if start.trigger] == [{"n": 1}, {"n": 2}]
    assert [start.trigger_key for start in found] == [None, KEY]


def test_an_event_that_is_found_again_starts_nothing(rig: PollRig) -> None:
    rig.poll_with(allowConcurrent=True)
    rig.report(rig.asked(), FoundEvent("a"), FoundEvent("b"))
    rig.wait(MINUTE)
    again = rig.asked()
    assert again.poll is not None
    assert again.poll.accepted == ["a", "b"]

    found = starts(rig.report(again, FoundEvent("b"), FoundEvent("c")))

    assert [start.execution_id for start in found] == [rig.execution_of("c")]


def test_a_poll_that_finds_nothing_keeps_what_was_accepted(rig: PollRig) -> None:
    rig.poll_with(allowConcurrent=True)
    rig.report(rig.asked(), FoundEvent("a"))
    rig.wait(MINUTE)
    rig.report(rig.asked())
    rig.wait(MINUTE)
    assert starts(rig.report(rig.asked(), FoundEvent("a"))) == []


def test_a_report_that_comes_twice_starts_once(rig: PollRig) -> None:
    rig.poll_with(allowConcurrent=True)
    run = rig.asked()
    assert len(starts(rig.report(run, FoundEvent()))) == 1
    assert is_nothing(rig.report(run, FoundEvent()))
    rig.wait(MINUTE)
    assert is_nothing(rig.report(run, FoundEvent())), "nor does it end the next poll"


def test_that_a_poll_has_begun_changes_nothing(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    begun = AttemptStarted(
        execution_id=run.execution_id, task_run_id=run.task_run_id, attempt=1, worker_id="w", at=rig.now
    )
    assert is_nothing(rig.when(begun))


@pytest.mark.parametrize("outcome", ["failed", "timed_out"])
def test_a_failed_poll_is_kept_with_its_reason_and_the_next_is_in_time(rig: PollRig, outcome: Any) -> None:
    rig.poll_with()
    step = rig.report(rig.asked(), outcome=outcome, message="no such host")

    (event,) = step.events
    assert isinstance(event, TriggerEvaluated)
    assert (event.problem, event.executions, event.next_at) == ("no such host", [], rig.now + MINUTE)
    assert step.outbox == [], "the worker has logged it"
    assert len(attempts(*rig.wait(MINUTE))) == 1


@pytest.mark.parametrize(("outcome", "unserved"), [("lost", False), ("failed", True), ("cancelled", False)])
def test_a_lost_poll_is_said_in_the_log_and_repeated_soon(rig: PollRig, outcome: Any, unserved: bool) -> None:
    rig.poll_with(interval="PT1H")
    step = rig.report(rig.asked(), outcome=outcome, unserved=unserved, message="the worker is gone")

    (logs,) = messages(step.outbox, AttemptLogs)
    assert (logs.trigger_id, logs.lines[0].level, logs.lines[0].message) == (
        "daily",
        "WARN",
        "the worker is gone",
    )
    assert len(attempts(*rig.wait(10_000))) == 1


def test_fail_on_trigger_error_makes_a_failed_execution(rig: PollRig) -> None:
    rig.poll_with(failOnTriggerError=True)
    (start,) = starts(rig.report(rig.asked(), outcome="failed", message="no such host"))
    assert start.failure == "The trigger could not be evaluated: no such host"
    assert start.trigger_key == KEY


def test_a_lost_poll_is_no_error_of_the_trigger(rig: PollRig) -> None:
    rig.poll_with(failOnTriggerError=True)
    assert starts(rig.report(rig.asked(), outcome="lost")) == []


def test_inputs_that_do_not_render_start_nothing_and_are_said(rig: PollRig) -> None:
    rig.poll_with(inputs={"a": "{{ trigger.missing.part }}"})
    step = rig.report(rig.asked(), FoundEvent())
    assert starts(step) == []
    (event,) = step.events
    assert isinstance(event, TriggerEvaluated)
    assert "The inputs of the trigger could not be rendered" in event.problem
    (logs,) = messages(step.outbox, AttemptLogs)
    assert logs.lines[0].message == event.problem


def test_inputs_that_do_not_render_fail_the_execution_if_that_is_wanted(rig: PollRig) -> None:
    rig.poll_with(inputs={"a": "{{ trigger.missing.part }}"}, failOnTriggerError=True)
    (start,) = starts(rig.report(rig.asked(), FoundEvent()))
    assert "could not be rendered" in start.failure


def test_a_condition_that_reads_nothing_of_the_source_decides_before_it_is_asked(rig: PollRig) -> None:
    rig.poll_with(when="{{ vars.on }}", variables={"vars": {"on": "false"}})
    (step,) = rig.wait(0)
    (event,) = step.events
    assert isinstance(event, TriggerSkipped)
    assert event.next_at == rig.now + MINUTE
    assert step.outbox == []
    rig.poll_with(when="{{ vars.on }}", variables={"vars": {"on": "true"}})
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_a_condition_about_the_date_decides_before_the_source_is_asked(rig: PollRig) -> None:
    bounded = {"type": "io.kestra.plugin.core.condition.DateTimeBetween", "before": "2001-01-01T00:00:00Z"}
    rig.poll_with(conditions=[bounded])
    (step,) = rig.wait(0)
    assert events(step) == ["trigger.skipped.v1"]
    rig.poll_with(conditions=[{"type": "io.kestra.plugin.core.condition.Not", "conditions": [bounded]}])
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_a_condition_that_reads_what_was_found_decides_afterwards(rig: PollRig) -> None:
    rig.poll_with(when="trigger.n > 1", allowConcurrent=True)
    found = starts(rig.report(rig.asked(), FoundEvent("a", {"n": 1}), FoundEvent("b", {"n": 2})))
    assert [start.execution_id for start in found] == [rig.execution_of("b")]


def test_a_condition_that_does_not_render_passes_over_a_poll_and_the_next_one_comes(rig: PollRig) -> None:
    rig.poll_with(when="{{ vars.missing.part }}")
    steps = rig.wait(3 * MINUTE)
    assert events(*steps) == ["trigger.skipped.v1"] * 4, "not every second"
    assert starts(*steps) == []


def test_a_broken_condition_fails_an_execution_if_that_is_wanted(rig: PollRig) -> None:
    rig.poll_with(when="{{ vars.missing.part }}", failOnTriggerError=True)
    (start,) = starts(*rig.wait(0))
    assert "could not be evaluated" in start.failure


def test_a_disabled_trigger_is_not_polled_and_stays_disabled_after_a_poll(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    rig.set_disabled(True)
    assert len(starts(rig.report(run, FoundEvent()))) == 1, "it was enabled when it was asked"
    rig.unlock(None)
    assert attempts(*rig.wait(10 * MINUTE)) == []
    assert rig.trigger.disabled
    rig.set_disabled(False)
    assert len(attempts(*rig.wait(0))) == 1


def test_a_save_while_a_poll_is_out_neither_doubles_nor_forgets_it(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    rig.wait(1_000)
    rig.poll_with(inputs={"a": "1"})
    assert attempts(*rig.wait(2 * MINUTE)) == []
    (start,) = starts(rig.report(run, FoundEvent()))
    assert (start.revision, start.inputs) == (2, {"a": "1"}), "it starts the flow as it is now"


def test_a_save_with_a_shorter_interval_counts_at_once(rig: PollRig) -> None:
    rig.poll_with(interval="PT1H")
    rig.report(rig.asked())
    rig.poll_with(interval="PT5S")
    assert len(attempts(*rig.wait(5_000))) == 1


def test_saves_do_not_put_off_the_next_poll(rig: PollRig) -> None:
    rig.poll_with()
    rig.report(rig.asked())
    asked = []
    for _ in range(4):
        asked += attempts(*rig.wait(20_000))
        rig.poll_with()
    assert len(asked) == 1


def test_a_removed_trigger_takes_its_poll_back(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    step = rig.remove()
    (taken,) = messages(step.outbox, WithdrawAttempt)
    assert taken.task_run_id == run.task_run_id
    assert is_nothing(rig.report(run, FoundEvent()))
    assert rig.machine.state.evaluations == {}


def test_a_trigger_that_becomes_a_schedule_takes_its_poll_back(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    step = rig.define()
    assert len(messages(step.outbox, WithdrawAttempt)) == 1
    assert is_nothing(rig.report(run, FoundEvent()))
    assert rig.next_at is not None
    assert rig.next_at > rig.now + MINUTE


def test_what_nobody_hears_of_is_withdrawn_until_its_end_is_reported(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()

    steps = rig.wait(2 * TIMEOUT_MS + MINUTE)

    withdrawn = [each for step in steps for each in messages(step.outbox, WithdrawAttempt)]
    assert [each.task_run_id for each in withdrawn] == [run.task_run_id] * 3
    assert withdrawn[0].reply_to == run.reply_to
    assert attempts(*steps) == [], "there is never a second one"
    rig.report(run, outcome="cancelled")
    assert len(attempts(*rig.wait(10_000))) == 1


def test_a_person_unlocks_a_poll_that_seems_to_stand_still(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()

    step = rig.unlock(None)

    assert len(messages(step.outbox, WithdrawAttempt)) == 1
    assert events(step) == ["trigger.evaluated.v1"]
    assert is_nothing(rig.report(run, FoundEvent())), "what it found then comes too late"
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_the_end_of_another_execution_does_not_end_a_poll(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    rig.unlock("another")
    assert len(starts(rig.report(run, FoundEvent()))) == 1


def test_the_group_of_a_trigger_polls_it(rig: PollRig) -> None:
    rig.poll_with(workerGroup={"key": "gpu"})
    (step,) = rig.wait(0)
    (asked,) = messages(step.outbox, EnqueueAttempt)
    assert asked.group == "gpu"
    rig.wait(2 * TIMEOUT_MS)
    assert {each.group for each in messages(rig.outbox, WithdrawAttempt)} == {"gpu"}


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"interval": "1 minute"}, "invalid ISO-8601 duration"),
        ({"interval": "PT0S"}, "longer than zero"),
        ({"stopAfter": 1}, "`stopAfter` must be a list"),
        ({"workerGroup": {"key": "{{ a }}"}}, "name of a worker group"),
    ],
)
def test_a_definition_that_can_not_be_polled_has_a_problem_and_no_date(
    rig: PollRig, definition: dict[str, Any], problem: str
) -> None:
    (event,) = rig.poll_with(**definition).events
    assert isinstance(event, TriggerDefined)
    assert event.next_at is None
    assert problem in event.problem
    assert rig.wait(10 * MINUTE) == []


def test_a_definition_that_breaks_while_a_poll_is_out_ends_it(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    rig.poll_with(interval="x")
    (event,) = rig.report(run, FoundEvent()).events
    assert isinstance(event, TriggerEvaluated)
    assert event.next_at is None


def test_a_type_that_is_not_polled_here_is_left_alone(rig: PollRig) -> None:
    message = DefineTrigger(**NAMES, revision=1, trigger_type="example.Other", definition={}, at=rig.now)
    (event,) = rig.when(message).events
    assert isinstance(event, TriggerDefined)
    assert event.next_at is None


def test_a_restart_forgets_neither_the_poll_nor_what_was_accepted(rig: PollRig) -> None:
    rig.poll_with(allowConcurrent=True, variables={"vars": {"a": "b"}}, inputs={"x": "{{ vars.a }}"})
    rig.report(rig.asked(), FoundEvent("a"))
    rig.wait(MINUTE)
    run = rig.asked()
    for snapshot in (False, True):
        rig.restart(snapshot=snapshot)
    rig.assert_rebuilds()
    (start,) = starts(rig.report(run, FoundEvent("a"), FoundEvent("b")))
    assert (start.execution_id, start.inputs) == (rig.execution_of("b"), {"x": "b"})


def test_two_polls_never_have_one_id(rig: PollRig) -> None:
    rig.poll_with(interval="PT1S", allowConcurrent=True)
    ids = set()
    for number in range(50):
        run = rig.asked()
        ids.add(run.task_run_id)
        rig.report(run)
        if number % 3 == 0:
            rig.poll_with(interval="PT1S", allowConcurrent=True)
        rig.wait(1_000)
    assert len(ids) == 50


def test_a_bug_while_a_source_is_asked_passes_over_this_poll(rig: PollRig) -> None:
    rig.poll_with()
    step = rig.when_it_raised(TimerDue(KEY, rig.now), "ZeroDivisionError")
    assert events(step) == ["trigger.skipped.v1"]
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_a_bug_in_the_decision_about_a_report_ends_the_poll(rig: PollRig) -> None:
    rig.poll_with()
    run = rig.asked()
    step = rig.when_it_raised(rig.a_report(run, FoundEvent()), "ZeroDivisionError")
    (event,) = step.events
    assert isinstance(event, TriggerEvaluated)
    assert event.problem == "internal error: ZeroDivisionError"
    assert messages(step.outbox, StartExecution) == []
    assert len(attempts(*rig.wait(MINUTE))) == 1


def test_what_conditions_refuse_is_decided_so_that_its_source_does_not_report_it_again(rig: PollRig) -> None:
    rig.poll_with(when="{{ trigger.who == 'you' }}")

    step = rig.report(rig.asked(), FoundEvent("file", {"who": "me"}))

    assert starts(step) == []
    rig.wait(MINUTE)
    poll = rig.asked().poll
    assert poll is not None
    assert poll.accepted == ["file"]
