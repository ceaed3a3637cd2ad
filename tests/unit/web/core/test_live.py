from typing import Any

from contracts.execution import (
    ExecutionCreated,
    ExecutionEnded,
    ExecutionKilling,
    ExecutionQueued,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionStarted,
    History,
    RunsRestored,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
)
from contracts.states import State
from services.web.core.live import begin

E: dict[str, Any] = {"execution_id": "e1"}


def created(**more):
    return ExecutionCreated(**E, seq=1, at=100, namespace="n", flow_id="f", revision=3, **more)


def told(*events):
    live = begin(created())
    for event in events:
        live.apply(event)
    return live


def states(histories):
    return [(place.state.value, place.at) for place in histories]


def test_an_execution_goes_through_its_states():
    live = told(
        ExecutionQueued(**E, seq=2, at=101),
        ExecutionStarted(**E, seq=3, at=102),
        ExecutionKilling(**E, seq=4, at=103),
        ExecutionEnded(**E, seq=5, at=104, state=State.KILLED, outputs={"a": 1}, reason="why"),
    )
    assert [state for state, _ in states(live.histories)] == [
        "CREATED",
        "QUEUED",
        "RUNNING",
        "KILLING",
        "KILLED",
    ]
    assert (live.ended, live.outputs, live.reason) == (True, {"a": 1}, "why")


def test_an_event_that_is_known_changes_nothing():
    live = told(ExecutionStarted(**E, seq=2, at=102))
    assert not live.apply(ExecutionStarted(**E, seq=2, at=102))
    assert len(live.histories) == 2


def test_a_task_run_keeps_its_attempts_and_worker():
    live = told(
        TaskRunCreated(**E, seq=2, at=110, task_run_id="t", task_id="a", state=State.SUBMITTED),
        TaskRunStarted(**E, seq=3, at=112, task_run_id="t", attempt=1, started_at=111, worker_id="w"),
        TaskRunRetrying(
            **E, seq=4, at=121, task_run_id="t", attempt=1, outcome="failed", ended_at=120, next_at=200
        ),
        TaskRunSubmitted(**E, seq=5, at=200, task_run_id="t", attempt=2),
        TaskRunStarted(**E, seq=6, at=202, task_run_id="t", attempt=2, started_at=201),
        TaskRunEnded(
            **E,
            seq=7,
            at=222,
            task_run_id="t",
            state=State.SUCCESS,
            attempt=2,
            ended_at=221,
            outputs={"x": 1},
        ),
    )
    run = live.task_runs["t"]
    assert [state for state, _ in states(run.histories)] == [
        "CREATED", "SUBMITTED", "RUNNING", "RETRYING", "SUBMITTED", "RUNNING", "SUCCESS",
    ]  # fmt: skip
    assert [states(attempt.histories) for attempt in run.attempts] == [
        [("CREATED", 110), ("RUNNING", 111), ("FAILED", 120)],
        [("CREATED", 200), ("RUNNING", 201), ("SUCCESS", 221)],
    ]
    assert (run.attempts[0].worker_id, run.outputs) == ("w", {"x": 1})


def test_a_restart_removes_and_keeps():
    kept = TaskRunRecord(
        id="t", task_id="a", histories=[History(State.FAILED, 120), History(State.RESTARTED, 300)]
    )
    record = ExecutionRecord(
        id="e1",
        namespace="n",
        flow_id="f",
        revision=3,
        seq=6,
        histories=[],
        labels={"l": "1"},
        task_runs=[kept],
    )
    live = told(
        TaskRunCreated(**E, seq=2, at=110, task_run_id="t", task_id="a", state=State.SUBMITTED),
        TaskRunEnded(**E, seq=3, at=120, task_run_id="t", state=State.FAILED, attempt=1),
        TaskRunCreated(**E, seq=4, at=121, task_run_id="err", task_id="b", state=State.SUBMITTED),
        ExecutionEnded(**E, seq=5, at=130, state=State.FAILED, outputs={"a": 1}),
        ExecutionRestarted(**E, seq=6, at=300, attempt_number=2, removed=["err"], record=record),
    )
    assert list(live.task_runs) == ["t"]
    assert states(live.task_runs["t"].histories)[-2:] == [("FAILED", 120), ("RESTARTED", 300)]
    assert (live.state, live.attempt_number, live.outputs, live.labels) == (
        State.RESTARTED,
        2,
        {},
        {"l": "1"},
    )


def test_the_rest_of_a_large_restart_removes_and_keeps_as_its_beginning_does():
    kept = TaskRunRecord(
        id="t", task_id="a", histories=[History(State.FAILED, 120), History(State.RESTARTED, 300)]
    )
    other = TaskRunRecord(id="new", task_id="c", histories=[History(State.SUCCESS, 100)])
    record = ExecutionRecord(
        id="e1", namespace="n", flow_id="f", revision=3, seq=6, histories=[], labels={"l": "1"}
    )
    live = told(
        TaskRunCreated(**E, seq=2, at=110, task_run_id="t", task_id="a", state=State.SUBMITTED),
        TaskRunEnded(**E, seq=3, at=120, task_run_id="t", state=State.FAILED, attempt=1),
        TaskRunCreated(**E, seq=4, at=121, task_run_id="err", task_id="b", state=State.SUBMITTED),
        ExecutionEnded(**E, seq=5, at=130, state=State.FAILED),
        ExecutionRestarted(**E, seq=6, at=300, attempt_number=2, record=record, continued=True),
        RunsRestored(**E, seq=7, at=301, since=300, removed=["err"]),
        RunsRestored(**E, seq=8, at=302, since=300, runs=[kept, other]),
    )
    assert list(live.task_runs) == ["t", "new"]
    assert states(live.task_runs["t"].histories)[-2:] == [("FAILED", 120), ("RESTARTED", 300)]
    assert live.state is State.RESTARTED


def test_an_event_of_an_unknown_task_run_is_passed_over():
    live = told(TaskRunStarted(**E, seq=2, at=1, task_run_id="nobody", attempt=1, started_at=1))
    assert (live.seq, live.task_runs) == (2, {})


def test_an_attempt_keeps_how_it_ended_where_the_run_ended_otherwise():
    live = told(
        TaskRunCreated(**E, seq=2, at=110, task_run_id="t", task_id="a", state=State.SUBMITTED),
        TaskRunEnded(
            **E,
            seq=3,
            at=120,
            task_run_id="t",
            state=State.WARNING,
            attempt=1,
            ended_at=119,
            outcome="failed",
        ),
    )
    run = live.task_runs["t"]
    assert run.state is State.WARNING
    assert [attempt.histories[-1].state for attempt in run.attempts] == [State.FAILED]
