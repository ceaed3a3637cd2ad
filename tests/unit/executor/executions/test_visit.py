"""Tasks of a WorkingDirectory share a directory on one worker: it is made before them, left after them, and made anew if it is lost."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.machine import Step
from contracts.work import Directory, EnqueueAttempt, WithdrawAttempt
from tests.support.rig.executions import ExecutionRig, started

CORE = "io.kestra.plugin.core."


def sleep(name: str, extra: str = "") -> str:
    return f"{{id: {name}, type: {CORE}flow.Sleep, duration: PT1S{extra}}}"


def shared(tasks: list[str], more: str = "", after: str = "") -> str:
    return (
        f"id: f\nnamespace: tests\ntasks:\n- id: w\n  type: {CORE}flow.WorkingDirectory\n  {more}\n"
        f"  tasks: [{', '.join(tasks)}]\n{after}"
    )


TWO = shared([sleep("a"), sleep("b")])
KEEPS = shared([sleep("a"), sleep("b")], "outputFiles: ['*.txt']")


def asked(step: Step) -> dict[tuple[str, str], EnqueueAttempt]:
    """What was handed to dispatch, by task and step of the directory."""
    found: dict[tuple[str, str], EnqueueAttempt] = {}
    for message in (out.message for out in step.outbox):
        if isinstance(message, EnqueueAttempt):
            run = ExecutionRig.read(message)
            found[run.task_id, run.directory.step if run.directory is not None else ""] = message
    return found


def step_of(rig: ExecutionRig, name: str) -> Directory:
    found = rig.attempt(name).run.directory
    assert found is not None
    return found


def entered(source: str, **options: Any) -> ExecutionRig:
    rig = started(source, **options)
    rig.report("w")
    return rig


def test_a_worker_makes_the_directory_before_the_first_task() -> None:
    rig = started(TWO)
    assert rig.states() == {"w": "RUNNING"}
    assert step_of(rig, "w").step == "enter"
    rig.assert_rebuilds()


def test_all_tasks_go_to_the_worker_with_the_directory() -> None:
    rig = started(TWO)
    name = step_of(rig, "w").id
    first = asked(rig.report("w"))
    second = asked(rig.report("a"))
    assert first["a", "use"].worker_id == second["b", "use"].worker_id == "w1"
    assert step_of(rig, "b") == Directory(name, "use")
    rig.assert_rebuilds()


def test_without_files_to_keep_the_run_ends_at_once_and_the_directory_is_removed() -> None:
    rig = entered(TWO)
    rig.report("a")
    last = asked(rig.report("b"))
    assert rig.state() == "SUCCESS"
    assert last["w", "discard"].worker_id == "w1"


def test_files_to_keep_are_awaited_and_become_outputs() -> None:
    rig = entered(KEEPS)
    rig.report("a")
    rig.report("b")
    assert (rig.states()["w"], step_of(rig, "w").step) == ("RUNNING", "leave")
    rig.assert_rebuilds()
    step = rig.report("w", outputs={"outputFiles": {"x.txt": "kestra:///x"}})
    assert rig.state() == "SUCCESS"
    assert rig.run("w").outputs == {"outputFiles": {"x.txt": "kestra:///x"}}
    assert asked(step) == {}, "the worker removed it itself"


def test_files_are_kept_after_a_failure_too() -> None:
    rig = entered(KEEPS)
    rig.report("a", "failed")
    assert step_of(rig, "w").step == "leave"
    rig.report("w", outputs={"outputFiles": {}})
    assert (rig.state(), rig.states()) == ("FAILED", {"w": "FAILED", "a": "FAILED"})


@pytest.mark.parametrize("source", [TWO, KEEPS])
def test_a_directory_that_cannot_be_made_fails_the_run(source: str) -> None:
    rig = started(source)
    rig.report("w", "failed", message="file name '../x' must be relative")
    assert (rig.state(), rig.states()) == ("FAILED", {"w": "FAILED"})
    assert rig.run("w").message == "file name '../x' must be relative"


def test_files_that_cannot_be_kept_fail_the_run() -> None:
    rig = entered(KEEPS)
    rig.report("a")
    rig.report("b")
    rig.report("w", "failed", message="cannot keep x.txt")
    assert (rig.state(), rig.states()["w"]) == ("FAILED", "FAILED")


def test_all_tasks_run_again_when_the_worker_of_one_is_lost() -> None:
    rig = entered(KEEPS)
    before = step_of(rig, "a").id
    first = rig.attempt("a").run.task_run_id
    rig.report("a")
    lost = rig.outcome("b", "lost")
    rig.when(lost)
    assert rig.states() == {"w": "RUNNING"}
    assert step_of(rig, "w").step == "enter"
    rig.assert_rebuilds()
    rig.when(lost)
    assert rig.states() == {"w": "RUNNING"}, "a late report of the lost one counts for nothing"
    rig.report("w")
    assert rig.states() == {"w": "RUNNING", "a": "SUBMITTED"}
    assert step_of(rig, "a").id != before
    assert rig.attempt("a").run.task_run_id != first
    for name in ("a", "b", "w"):
        rig.report(name)
    assert rig.state() == "SUCCESS"


def test_all_tasks_run_again_when_the_files_are_lost_at_the_end() -> None:
    rig = entered(KEEPS)
    rig.report("a")
    rig.report("b")
    rig.report("w", "lost")
    assert (rig.states(), step_of(rig, "w").step) == ({"w": "RUNNING"}, "enter")


def test_it_gives_up_after_six_losses() -> None:
    rig = entered(TWO)
    for _ in range(5):
        rig.report("a", "lost")
        rig.report("w")
    rig.report("a", "lost")
    assert (rig.state(), rig.states()) == ("FAILED", {"w": "FAILED", "a": "FAILED"})
    assert "6 attempts were lost with their workers: giving up" in rig.logs


def test_a_retry_stays_in_the_directory() -> None:
    rig = entered(shared([sleep("a", ", retry: {type: constant, interval: PT2S, maxAttempts: 2}")]))
    name = step_of(rig, "a").id
    rig.report("a", "failed")
    assert rig.states()["a"] == "RETRYING"
    rig.wait(3_000)
    assert (step_of(rig, "a").id, rig.attempt("a").run.attempt) == (name, 2)


def test_a_kill_while_a_task_runs_removes_the_directory() -> None:
    rig = entered(KEEPS)
    attempt = rig.outcome("a", "cancelled")
    rig.kill()
    step = rig.when(attempt)
    assert (rig.state(), rig.states()) == ("KILLED", {"w": "KILLED", "a": "KILLED"})
    assert asked(step)["w", "discard"].worker_id == "w1"


@pytest.mark.parametrize("outcome", ["cancelled", "succeeded", "lost"])
def test_a_kill_while_the_directory_is_made_waits_for_the_worker(outcome: str) -> None:
    rig = started(TWO)
    making = rig.outcome("w", outcome)
    killed = rig.kill()
    assert any(isinstance(out.message, WithdrawAttempt) for out in killed.outbox)
    assert rig.state() == "KILLING"
    step = rig.when(making)
    assert (rig.state(), rig.states()) == ("KILLED", {"w": "KILLED"})
    assert (("w", "discard") in asked(step)) is (outcome == "succeeded")


def test_a_restart_begins_with_another_directory_and_all_tasks() -> None:
    rig = entered(TWO)
    before = rig.attempt("a").run.task_run_id
    rig.report("a")
    rig.report("b", "failed")
    rig.restart_execution()
    assert rig.states() == {"w": "RUNNING"}
    assert rig.attempt("w").run.attempt > 3, "dispatch takes no attempt twice"
    rig.report("w")
    assert rig.states() == {"w": "RUNNING", "a": "SUBMITTED"}
    assert rig.attempt("a").run.task_run_id != before


def test_what_the_directory_is_filled_with_sees_the_variables_of_the_run() -> None:
    rig = started(
        shared(
            [sleep("a")],
            "inputFiles: {x: '{{ inputs.who }}'}",
            "inputs: [{id: who, type: STRING, defaults: Ada}]",
        )
    )
    assert rig.attempt("w").run.variables["inputs"] == {"who": "Ada"}


def test_the_group_of_workers_is_that_of_the_directory() -> None:
    rig = started(shared([sleep("a")], "workerGroup: {key: gpu}"))
    assert rig.groups[rig.attempt("w").run.task_run_id] == "gpu"
    rig.report("w")
    assert rig.groups[rig.attempt("a").run.task_run_id] == "gpu"
