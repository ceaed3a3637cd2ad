"""What only a worker can render is asked, and what waits for it goes on, whatever happens."""

from __future__ import annotations

import pytest

from contracts.evaluation import Question
from contracts.execution import (
    AttemptEnded,
    ExecutionCreated,
    PauseExecution,
    ResumeExecution,
    SlotGranted,
    TaskRunCreated,
)
from contracts.states import State
from contracts.work import EnqueueAttempt, WithdrawAttempt
from tests.support.rig import is_nothing
from tests.support.rig.executions import ExecutionRig, started

CORE = "io.kestra.plugin.core."


def flow(tasks: str, more: str = "") -> str:
    return f"id: f\nnamespace: tests\n{more}\ntasks:\n{tasks}"


def log(name: str, extra: str = "") -> str:
    return f"  - {{id: {name}, type: {CORE}log.Log, message: {name}{extra}}}\n"


IMPURE = ", runIf: \"{{ secret('KEY') == 'x' }}\""
ASKED = "{{ secret('KEY') == 'x' }}"
OF_VALUE = ", runIf: \"{{ secret(taskrun.value) == 'x' }}\""
LINE = flow(log("a", IMPURE) + log("b"))


def test_a_task_waits_for_its_condition_and_runs_if_it_is_true() -> None:
    rig = started(LINE)
    assert (rig.state(), rig.states()) == ("RUNNING", {"a": "CREATED"})
    assert rig.asked() == {"a": [ASKED]}
    rig.answer("a", True)
    assert rig.states() == {"a": "SUBMITTED"}
    rig.report("a")
    rig.report("b")
    assert rig.state() == "SUCCESS"
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_a_task_whose_condition_is_false_is_skipped_and_the_next_one_follows() -> None:
    rig = started(LINE)
    rig.answer("a", False)
    assert rig.states() == {"a": "SKIPPED", "b": "SUBMITTED"}


def test_only_the_truth_of_a_condition_leaves_the_worker() -> None:
    assert started(LINE).question("a").run.questions == [Question(ASKED, "truth")]


def test_a_condition_that_fails_on_the_worker_fails_the_task_run_with_its_reason() -> None:
    rig = started(LINE)
    rig.answer("a", ValueError("Cannot find secret for key 'KEY'"))
    assert (rig.state(), rig.states()) == ("FAILED", {"a": "FAILED"})
    assert rig.run("a").message == "Cannot find secret for key 'KEY'"
    assert "Cannot find secret for key 'KEY'" in rig.logs


@pytest.mark.parametrize(
    ("allowed", "state"),
    [("allowFailure: true", "WARNING"), ("allowFailure: true, allowWarning: true", "SUCCESS")],
)
def test_a_failing_condition_may_be_allowed(allowed: str, state: str) -> None:
    rig = started(flow(log("a", f"{IMPURE}, {allowed}") + log("b")))
    rig.answer("a", ValueError("no"))
    assert rig.states() == {"a": state, "b": "SUBMITTED"}


@pytest.mark.parametrize("outcome", ["failed", "timed_out", "cancelled"])
def test_an_evaluation_that_does_not_succeed_fails_the_task_run(outcome: str) -> None:
    rig = started(LINE)
    rig.answer("a", outcome=outcome, message="the reason")
    assert rig.run("a").message == "A worker could not evaluate this expression: the reason"
    assert rig.state() == "FAILED"


@pytest.mark.parametrize("answers", [(), (True, False)])
def test_answers_that_do_not_fit_the_questions_fail_the_task_run(answers: tuple[bool, ...]) -> None:
    rig = started(LINE)
    rig.answer("a", *answers)
    assert f"{len(answers)} answers to 1 expressions" in rig.run("a").message
    assert rig.state() == "FAILED"


def test_an_evaluation_whose_worker_is_lost_is_asked_again_and_late_answers_have_no_effect() -> None:
    rig = started(LINE)
    first = rig.question("a")
    rig.answer("a", outcome="lost")
    second = rig.question("a")
    assert (first.run.attempt, second.run.attempt) == (1, 2)
    assert second.run.task_run_id == first.run.task_run_id
    late = rig.outcome_of(first, "succeeded")
    assert is_nothing(rig.when(late))
    rig.answer("a", True)
    assert rig.states() == {"a": "SUBMITTED"}
    assert is_nothing(rig.when(late)), "the evaluation is over"


def test_after_six_losses_the_task_run_fails() -> None:
    rig = started(LINE)
    for _ in range(6):
        rig.answer("a", outcome="lost")
    assert rig.state() == "FAILED"
    assert rig.run("a").message.startswith("6 workers were lost while they evaluated this expression")


def test_an_answer_counts_once() -> None:
    rig = started(LINE)
    question = rig.question("a")
    rig.answer("a", True)
    again = rig.outcome_of(question, "succeeded")
    assert is_nothing(rig.when(again))


def test_an_answer_that_is_too_large_fails_the_task_run() -> None:
    rig = started(LINE)
    rig.answer("a", "x" * 300_000)
    assert "the limit is 262,144" in rig.run("a").message


def test_a_wait_survives_a_restart_of_the_executor() -> None:
    for snapshot in (False, True):
        rig = started(LINE)
        rig.restart(snapshot=snapshot)
        rig.answer("a", True)
        assert rig.states() == {"a": "SUBMITTED"}
        rig.restart(snapshot=snapshot)
        rig.report("a")
        rig.report("b")
        assert rig.state() == "SUCCESS"


def test_a_kill_ends_what_waits_and_takes_the_question_back() -> None:
    rig = started(LINE)
    question = rig.question("a").run
    step = rig.kill()
    assert (rig.state(), rig.states()) == ("KILLED", {"a": "KILLED"})
    (withdrawn,) = [out.message for out in step.outbox if isinstance(out.message, WithdrawAttempt)]
    assert (withdrawn.task_run_id, withdrawn.attempt) == (question.task_run_id, 1)
    assert rig.machine.open == 0


def test_tasks_side_by_side_wait_together_and_go_on_as_their_answers_come() -> None:
    children = "".join("    " + log(name, IMPURE) for name in ("x", "y"))
    rig = started(
        flow(f"  - id: p\n    type: {CORE}flow.Parallel\n    tasks:\n{children}    {log('z')}" + log("last"))
    )
    assert set(rig.asked()) == {"x", "y"}
    assert rig.states() == {"p": "RUNNING", "x": "CREATED", "y": "CREATED", "z": "SUBMITTED"}
    rig.answer("y", True)
    rig.report("z")
    rig.answer("x", False)
    rig.report("y")
    assert rig.states()["last"] == "SUBMITTED"


def test_a_wide_loop_asks_for_all_its_values_in_small_steps_and_ends() -> None:
    loop = f"""  - id: each
    type: {CORE}flow.ForEach
    values: "{{{{ range(1, 120) }}}}"
    concurrencyLimit: 0
    tasks:
    {log("leaf", OF_VALUE)}"""
    rig = started(flow(loop))
    rig.settle()
    assert len(rig.questions) == 120
    for number in range(1, 121):
        rig.answer(f"leaf[{number}]", number % 2 == 0)
    assert len(rig.out()) == 60
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


def test_an_answer_between_two_steps_of_a_kill_begins_nothing() -> None:
    loop = f"""  - id: each
    type: {CORE}flow.ForEach
    values: "{{{{ range(1, 300) }}}}"
    concurrencyLimit: 0
    tasks:
    {log("leaf", OF_VALUE)}"""
    rig = started(flow(loop))
    rig.settle()
    rig.kill()
    assert 0 < len(rig.questions) < 300
    rig.answer("leaf[300]", True)
    assert rig.out() == []
    rig.settle()
    assert rig.state() == "KILLED"
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_a_held_execution_goes_on_with_the_answers_once_it_is_released() -> None:
    rig = started(LINE)
    rig.when(PauseExecution(execution_id="e1", at=rig.now))
    rig.answer("a", True)
    assert (rig.state(), rig.states(), rig.out()) == ("PAUSED", {"a": "CREATED"}, [])
    rig.restart(snapshot=True)
    rig.when(ResumeExecution(execution_id="e1", at=rig.now))
    rig.settle()
    assert rig.out() == ["a"]


PAUSE = flow(
    f"  - id: p\n    type: {CORE}flow.Pause\n    onResume:\n"
    "      - {id: who, type: STRING, defaults: \"{{ secret('WHO') }}\"}\n" + log("b")
)


def test_a_resume_waits_for_the_defaults_of_what_it_asks_for() -> None:
    rig = started(PAUSE)
    rig.when(ResumeExecution(execution_id="e1", at=rig.now))
    assert (rig.state(), rig.asked()) == ("PAUSED", {"p": ["{{ secret('WHO') }}"]})
    rig.restart(snapshot=True)
    rig.answer("p", "ada")
    assert rig.run("p").outputs["onResume"] == {"who": "ada"}
    assert rig.out() == ["b"]
    rig.assert_rebuilds()


def test_a_resume_whose_defaults_fail_leaves_the_pause_and_another_may_follow() -> None:
    rig = started(PAUSE)
    rig.when(ResumeExecution(execution_id="e1", at=rig.now))
    rig.answer("p", ValueError("no such secret"))
    assert rig.state() == "PAUSED"
    assert any("no such secret" in line for line in rig.logs)
    rig.when(ResumeExecution(execution_id="e1", at=rig.now, inputs={"who": "bob"}))
    assert rig.run("p").outputs["onResume"] == {"who": "bob"}


UNTIL = flow(
    f"  - id: u\n    type: {CORE}flow.LoopUntil\n    condition: \"{{{{ secret('DONE') }}}}\"\n"
    "    checkFrequency: {interval: PT5S}\n    tasks:\n    " + log("a") + log("last")
)


def test_a_loop_until_a_condition_asks_after_each_round() -> None:
    rig = started(UNTIL)
    asked = set()
    for round_ in (1, 2, 3):
        rig.report("a")
        asked.add(rig.question("u").run.task_run_id)
        rig.restart(snapshot=True)
        rig.answer("u", "true" if round_ == 3 else "false")
        if round_ < 3:
            rig.wait(6_000)
    assert len(asked) == 3
    assert rig.states()["u"] == "SUCCESS"
    assert rig.out() == ["last"]
    rig.assert_rebuilds()


def test_a_loop_whose_condition_fails_on_the_worker_fails() -> None:
    rig = started(UNTIL)
    rig.report("a")
    rig.answer("u", ValueError("no such secret"))
    assert rig.state() == "FAILED"
    assert "no such secret" in rig.logs


BRANCH = flow(f"""  - id: i
    type: {CORE}flow.If
    condition: "{{{{ secret('KEY') }}}}"
    then:
    {log("t")}    else:
    {log("e")}""")


@pytest.mark.parametrize(("truth", "child"), [(True, "t"), (False, "e")])
def test_a_branch_waits_for_its_condition_and_keeps_only_its_truth(truth: bool, child: str) -> None:
    rig = started(BRANCH)
    assert rig.states() == {"i": "CREATED"}
    assert rig.question("i").run.questions == [Question("{{ secret('KEY') }}", "truth")]
    rig.answer("i", truth)
    assert rig.states() == {"i": "RUNNING", child: "SUBMITTED"}
    assert rig.run("i").outputs == {"evaluationResult": truth}
    rig.restart(snapshot=True)
    rig.report(child)
    assert rig.state() == "SUCCESS"


def test_a_flowable_with_two_conditions_asks_one_after_another_with_rising_numbers() -> None:
    rig = started(BRANCH.replace("type: io", "runIf: \"{{ secret('OTHER') }}\"\n    type: io", 1))
    assert rig.asked() == {"i": ["{{ secret('OTHER') }}"]}
    rig.answer("i", True)
    assert rig.asked() == {"i": ["{{ secret('KEY') }}"]}
    assert rig.question("i").run.attempt == 2
    rig.answer("i", True)
    assert rig.states() == {"i": "RUNNING", "t": "SUBMITTED"}


LOOP = flow(f"""  - id: each
    type: {CORE}flow.ForEach
    values: VALUES
    tasks:
    {log("leaf")}""")
TEXT = LOOP.replace("VALUES", "\"{{ secret('LIST') }}\"")


def test_a_loop_waits_for_its_values() -> None:
    rig = started(TEXT)
    rig.answer("each", '["x", "y"]')
    assert rig.out() == ["leaf[x]"]
    rig.run_to_end()
    assert rig.states() == {"each": "SUCCESS", "leaf[x]": "SUCCESS", "leaf[y]": "SUCCESS"}


def test_the_texts_of_a_list_are_asked_together() -> None:
    rig = started(LOOP.replace("VALUES", "[\"{{ secret('A') }}\", plain, \"{{ secret('B') }}\"]"))
    assert rig.asked() == {"each": ["{{ secret('A') }}", "{{ secret('B') }}"]}
    rig.answer("each", "a", "b")
    rig.run_to_end()
    assert {name for name in rig.states() if name != "each"} == {"leaf[a]", "leaf[plain]", "leaf[b]"}


def test_values_that_are_no_list_fail_the_loop() -> None:
    rig = started(TEXT)
    rig.answer("each", "no list")
    assert "not a JSON array" in rig.run("each").message
    assert rig.state() == "FAILED"


def test_a_restarted_loop_waits_for_its_values_again() -> None:
    rig = started(TEXT)
    rig.answer("each", '["x", "y"]')
    rig.report("leaf[x]")
    rig.report("leaf[y]", "failed")
    assert rig.state() == "FAILED"
    rig.restart_execution()
    assert rig.asked() == {"each": ["{{ secret('LIST') }}"]}
    rig.restart(snapshot=True)
    rig.answer("each", '["x", "y"]')
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert rig.states()["leaf[y]"] == "SUCCESS"


def test_iterations_may_end_before_a_restarted_loop_has_its_values() -> None:
    rig = started(TEXT)
    rig.answer("each", '["x", "y"]')
    rig.report("leaf[x]", "failed")
    rig.restart_execution()
    rig.report("leaf[x]")
    assert rig.states() == {"each": "RUNNING", "leaf[x]": "SUCCESS"}
    rig.answer("each", '["x", "y"]')
    rig.run_to_end()
    assert rig.states() == {"each": "SUCCESS", "leaf[x]": "SUCCESS", "leaf[y]": "SUCCESS"}
    rig.assert_rebuilds()


def test_a_kill_ends_a_restarted_loop_that_waits_for_its_values() -> None:
    rig = started(TEXT)
    rig.answer("each", '["x", "y"]')
    rig.report("leaf[x]", "failed")
    rig.restart_execution()
    rig.kill()
    rig.report("leaf[x]", "cancelled")
    assert (rig.state(), rig.states()["each"]) == ("KILLED", "KILLED")
    assert rig.machine.open == 0


def test_a_restarted_loop_whose_values_fail_ends() -> None:
    rig = started(TEXT)
    rig.answer("each", '["x", "y"]')
    rig.report("leaf[x]", "failed")
    rig.restart_execution()
    rig.answer("each", ValueError("gone"))
    assert rig.state() == "FAILED"
    assert rig.states() == {"each": "FAILED", "leaf[x]": "KILLED"}
    assert rig.machine.open == 0


def test_a_task_that_was_killed_while_it_waited_is_asked_again_after_a_restart() -> None:
    rig = started(LINE)
    rig.kill()
    rig.restart_execution()
    assert rig.states() == {"a": "RESTARTED"}
    assert rig.asked() == {"a": [ASKED]}
    rig.restart(snapshot=True)
    rig.answer("a", False)
    assert rig.states() == {"a": "SKIPPED", "b": "SUBMITTED"}


OUTPUTS = flow(
    log("a"),
    "outputs:\n"
    "  - {id: one, type: STRING, value: \"{{ secret('A') }}\"}\n"
    '  - {id: two, type: INT, value: "{{ outputs.a.n }}"}\n'
    "  - {id: three, type: STRING, value: \"{{ secret('B') }} {{ execution.state }}\"}\n",
)


def test_an_execution_ends_with_the_outputs_that_a_worker_rendered() -> None:
    rig = started(OUTPUTS)
    rig.report("a", outputs={"n": 7})
    assert rig.state() == "RUNNING"
    assert rig.asked() == {"": ["{{ secret('A') }}", "{{ secret('B') }} {{ execution.state }}"]}
    assert rig.question().run.variables["execution"]["state"] == "SUCCESS"
    rig.restart(snapshot=True)
    rig.answer("", "x", "y SUCCESS")
    assert (rig.state(), rig.seen().outputs) == ("SUCCESS", {"one": "x", "two": 7, "three": "y SUCCESS"})
    assert rig.machine.open == 0


def test_an_output_that_fails_on_the_worker_fails_the_execution() -> None:
    rig = started(OUTPUTS)
    rig.report("a", outputs={"n": 7})
    rig.answer("", "x", ValueError("no such secret"))
    assert rig.state() == "FAILED"
    assert rig.seen().reason == "Failed to render output values: no such secret"


def test_a_failed_execution_stays_failed_while_its_outputs_are_awaited() -> None:
    rig = started(OUTPUTS)
    rig.report("a", "failed", outputs={"n": 7})
    rig.answer("", "x", "y FAILED")
    assert rig.state() == "FAILED"
    assert rig.seen().outputs["three"] == "y FAILED"


def test_a_kill_does_not_wait_for_outputs() -> None:
    rig = started(OUTPUTS)
    rig.report("a", outputs={"n": 7})
    rig.kill()
    assert rig.state() == "KILLED"
    assert rig.machine.open == 0


def test_large_outputs_of_tasks_reach_the_flow_outputs_through_a_worker() -> None:
    rig = started(OUTPUTS.replace("secret('A')", "outputs.a.text"))
    rig.report("a", outputs_uri="kestra:///large.json")
    assert rig.question().run.references[0].uri == "kestra:///large.json"
    assert len(rig.question().run.questions) == 3


def test_what_follows_the_end_waits_for_its_condition_too() -> None:
    rig = started(LINE + f"afterExecution:\n{log('after', IMPURE)}")
    rig.answer("a", False)
    rig.report("b")
    assert (rig.state(), rig.asked()) == ("SUCCESS", {"after": [ASKED]})
    rig.answer("after", True)
    rig.report("after")
    assert rig.machine.open == 0


INPUTS = flow(
    log("a"),
    "inputs:\n"
    "  - {id: key, type: STRING, defaults: K}\n"
    "  - {id: number, type: INT, defaults: \"{{ secret('N') }}\"}\n"
    '  - {id: later, type: STRING, defaults: "{{ secret(inputs.key) }}", dependsOn: {inputs: [key]}}\n',
)


def test_an_execution_is_created_while_defaults_of_its_inputs_are_awaited() -> None:
    rig = started(INPUTS)
    assert (rig.state(), rig.seen().inputs, rig.out()) == ("CREATED", {}, [])
    assert rig.asked() == {"": ["{{ secret('N') }}"]}
    rig.answer("", "7")
    assert rig.asked() == {"": ["{{ secret(inputs.key) }}"]}
    assert rig.question().run.variables["inputs"] == {"key": "K"}
    rig.restart(snapshot=True)
    rig.answer("", "text")
    assert rig.seen().inputs == {"key": "K", "number": 7, "later": "text"}
    assert rig.out() == ["a"]
    rig.assert_rebuilds()


def test_given_inputs_need_no_worker() -> None:
    rig = started(INPUTS, inputs={"number": 1, "later": "x"})
    assert rig.out() == ["a"]
    (created,) = [e for e in rig.events_of("e1") if isinstance(e, ExecutionCreated)]
    assert created.inputs == {"key": "K", "number": 1, "later": "x"}


def test_a_default_that_does_not_fit_fails_the_execution() -> None:
    rig = started(INPUTS)
    rig.answer("", "many")
    rig.answer("", "text")
    assert rig.state() == "FAILED"
    assert "number" in rig.seen().reason


def test_a_default_that_fails_on_the_worker_fails_the_execution() -> None:
    rig = started(INPUTS, inputs={"later": "x"})
    rig.answer("", ValueError("no such secret"))
    assert rig.state() == "FAILED"
    assert "no such secret" in rig.seen().reason
    assert rig.machine.open == 0


def test_an_execution_that_is_killed_while_its_inputs_are_awaited_ends() -> None:
    rig = started(INPUTS)
    rig.kill()
    assert rig.state() == "KILLED"
    assert rig.machine.open == 0


def test_a_repeated_start_changes_nothing_while_inputs_are_awaited() -> None:
    rig = started(INPUTS)
    assert is_nothing(rig.start("f"))


def test_the_date_and_the_limit_of_an_execution_count_from_its_inputs_on() -> None:
    rig = started(INPUTS + "concurrency: {limit: 1}\n", inputs={"later": "x"}, scheduled_at=2_000_000_000_000)
    rig.answer("", "7")
    assert rig.state() == "CREATED"
    rig.wait_until(2_000_000_000_000)
    rig.slot(SlotGranted)
    assert rig.out() == ["a"]


def test_a_run_is_retrying_only_when_nothing_is_evaluated_any_more() -> None:
    children = (
        "    "
        + log("x", ", retry: {type: constant, interval: PT10S, maxAttempts: 2}")
        + "    "
        + log("y", IMPURE)
    )
    rig = started(flow(f"  - id: p\n    type: {CORE}flow.Parallel\n    tasks:\n{children}"))
    rig.report("x", "failed")
    assert rig.state() == "RUNNING"
    rig.answer("y", False)
    assert rig.state() == "RETRYING"


def test_the_run_that_waits_is_public_and_has_no_attempt() -> None:
    rig = started(LINE)
    (created,) = [e for e in rig.events_of("e1") if isinstance(e, TaskRunCreated)]
    assert (created.state, rig.run("a").attempt) == (State.CREATED, 0)


def test_an_outcome_of_an_unknown_evaluation_means_nothing() -> None:
    rig = started(LINE)
    report = AttemptEnded(execution_id="e1", task_run_id="nobody", attempt=1, outcome="succeeded", at=rig.now)
    assert is_nothing(rig.when(report))


def test_large_answers_get_records_of_their_own() -> None:
    rig = ExecutionRig(TEXT)
    rig.start("f")
    values = '["' + '","'.join("v" * 1_000 + str(number) for number in range(200)) + '"]'
    rig.answer("each", values)
    rig.settle()
    assert rig.out() == ["leaf[" + "v" * 1_000 + "0]"]
    assert not [
        out for out in rig.outbox if isinstance(out.message, EnqueueAttempt) and out.message.attempt > 1
    ]
