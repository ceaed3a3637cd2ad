"""A stream and a read show the same: after every event, web's fold equals the projection."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.execution import (
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionKilling,
    ExecutionPaused,
    ExecutionPrepared,
    ExecutionQueued,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionResumed,
    ExecutionRetrying,
    ExecutionStarted,
    ExecutionSuspended,
    History,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRecord,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TriggerRef,
)
from contracts.states import State
from services.web.core.live import Live, begin
from services.web.core.view.execution import labels_list
from tests.unit.indexer.stories import T0, Table, failed_retried_restarted, seen, two_tasks

RUNS = ("a", "b", "c")
NAMES: Any = {"namespace": "acme", "flow_id": "nightly"}


def check(events: list[ExecutionEvent]) -> None:
    first = events[0]
    assert isinstance(first, ExecutionCreated)
    live, table = begin(first), Table()
    table.apply(seen(events[:1]))
    for event in events[1:]:
        live.apply(event)  # type: ignore[arg-type]  # of the union that web reads
        table.apply(seen([event]))
        assert shown(live) == projected(table)


def shown(live: Live) -> dict[str, Any]:
    runs = [
        (run.id, run.histories, run.attempts, run.outputs, run.outputs_uri, run.value, run.iteration)
        for run in live.task_runs.values()
    ]
    trigger = None if live.trigger is None else live.trigger.id
    return {
        "execution": (live.seq, live.revision, live.histories, live.attempt_number, live.reason, trigger),
        "data": (live.inputs, live.outputs, labels_list(live.labels)),
        "runs": runs,
    }


def projected(table: Table) -> dict[str, Any]:
    row = table.rows.executions["e1"]
    runs = [
        (
            run.id,
            run.histories,
            run.attempts,
            orjson.loads(run.outputs),
            run.outputs_uri,
            run.value,
            run.iteration,
        )
        for run in sorted(table.rows.task_runs.values(), key=lambda run: run.position)
    ]
    return {
        "execution": (row.seq, row.revision, row.histories, row.attempt_number, row.reason, row.trigger_id),
        "data": (orjson.loads(row.inputs), orjson.loads(row.outputs), orjson.loads(row.labels)),
        "runs": runs,
    }  # fmt: skip


@st.composite
def lives(draw: st.DrawFn) -> list[ExecutionEvent]:
    """Events in any order that their types allow, sensible or not. Some numbers come twice."""
    events: list[ExecutionEvent] = [
        ExecutionCreated(
            execution_id="e1", seq=1, at=T0, **NAMES, revision=1, labels={"team": "bi"},
            trigger=TriggerRef(id="hook", type="t", variables={}),
        )
    ]  # fmt: skip
    known: list[str] = []
    for number in range(draw(st.integers(1, 14))):
        seq = events[-1].seq + draw(st.sampled_from([1, 1, 1, 0]))
        at = T0 + number + draw(st.integers(-2, 2))
        new = [run for run in RUNS if run not in known]
        makers = [_of_execution(seq, at)]
        makers += [_creates(seq, at, new)] * 2 if new else []
        makers += [_of_run(seq, at, known)] * 3 + [_restarts(seq, at, known)] if known else []
        event = draw(st.one_of(makers))
        if event.seq > events[-1].seq:
            if isinstance(event, TaskRunCreated):
                known.append(event.task_run_id)
            elif isinstance(event, ExecutionRestarted):
                known = [run for run in known if run not in event.removed]
        events.append(event)
    return events


def _of_execution(seq: int, at: int) -> st.SearchStrategy[ExecutionEvent]:
    common: Any = {"execution_id": "e1", "seq": seq, "at": at}
    ended = st.builds(
        lambda state, reason: ExecutionEnded(**common, state=state, reason=reason, outputs={"x": reason}),
        st.sampled_from([State.SUCCESS, State.FAILED, State.KILLED]),
        st.sampled_from(["", "why"]),
    )
    kinds = [
        ExecutionPrepared(**common, inputs={"typed": 1}),
        ExecutionQueued(**common),
        ExecutionStarted(**common),
        ExecutionRetrying(**common),
        ExecutionPaused(**common),
        ExecutionResumed(**common),
        ExecutionSuspended(**common),
        ExecutionKilling(**common),
    ]
    return st.one_of(st.sampled_from(kinds), ended)


def _creates(seq: int, at: int, new: list[str]) -> st.SearchStrategy[ExecutionEvent]:
    def make(run: str, state: State) -> ExecutionEvent:
        return TaskRunCreated(
            execution_id="e1",
            seq=seq,
            at=at,
            task_run_id=run,
            task_id=run,
            state=state,
            value="v",
            outputs={"s": 1},
        )

    states = [State.CREATED, State.SUBMITTED, State.RUNNING, State.SKIPPED]
    return st.builds(make, st.sampled_from(new), st.sampled_from(states))


def _of_run(seq: int, at: int, known: list[str]) -> st.SearchStrategy[ExecutionEvent]:
    def make(kind: str, run: str, attempt: int, skew: int) -> ExecutionEvent:
        common: Any = {"execution_id": "e1", "seq": seq, "at": at, "task_run_id": run}
        match kind:
            case "opened":
                return TaskRunOpened(**common, outputs={"o": attempt} if attempt > 1 else {})
            case "submitted":
                return TaskRunSubmitted(**common, attempt=attempt)
            case "started":
                return TaskRunStarted(**common, attempt=attempt, started_at=at + skew, worker_id="w")
            case "retrying":
                return TaskRunRetrying(
                    **common, attempt=attempt, outcome="lost", ended_at=at + skew, next_at=at + 9
                )
            case "paused":
                return TaskRunPaused(**common, until=at + skew)
            case "resumed":
                return TaskRunResumed(**common, outputs={"r": attempt} if skew else {})
            case "repeated":
                return TaskRunRepeated(**common, removed=[], outputs={"iterationCount": attempt})
            case _:
                return TaskRunEnded(
                    **common, attempt=attempt - 1, state=State.FAILED, ended_at=at + skew if skew else None,
                    outputs={"n": attempt}, outputs_uri="kestra:///x" if skew > 0 else None,
                )  # fmt: skip

    return st.builds(
        make,
        st.sampled_from(
            ["opened", "submitted", "started", "retrying", "paused", "resumed", "repeated", "ended"]
        ),
        st.sampled_from(known),
        st.integers(1, 3),
        st.integers(-3, 3),
    )


def _restarts(seq: int, at: int, known: list[str]) -> st.SearchStrategy[ExecutionEvent]:
    def make(removed: set[str], again: set[str], attempt: int, *, record: bool) -> ExecutionEvent:
        kept = [
            TaskRunRecord(
                id=run,
                task_id=run,
                value="v",
                # An abridged record, as the executor holds it: states in between are missing.
                histories=[
                    History(State.CREATED, T0),
                    *([History(State.RESTARTED, at)] if run in again else []),
                ],
                outputs={"kept": 1},
            )
            for run in known
            if run not in removed
        ]
        whole = ExecutionRecord(
            id="e1", **NAMES, revision=2, seq=seq, histories=[History(State.CREATED, T0)],
            labels={"again": "1"}, inputs={"i": 1}, task_runs=kept,
        )  # fmt: skip
        return ExecutionRestarted(
            execution_id="e1", seq=seq, at=at, attempt_number=attempt, removed=sorted(removed),
            record=whole if record else None,
        )  # fmt: skip

    some = st.sets(st.sampled_from(known))
    return st.builds(make, some, some, st.integers(1, 3), record=st.booleans())


@pytest.mark.parametrize("story", [two_tasks, failed_retried_restarted])
def test_the_live_execution_is_what_the_projection_holds_after_every_event(story: Any) -> None:
    check(list(story("e1")))


@given(lives())
def test_any_life_is_shown_as_it_is_projected(events: list[ExecutionEvent]) -> None:
    check(events)


def test_a_stream_after_a_restart_shows_the_attempts_that_were_before_it() -> None:
    """The executor's record of a run is abridged: the stream lost states that a read still showed."""
    events = two_tasks("e1")
    kept = TaskRunRecord(
        id="e1-first",
        task_id="first",
        histories=[History(State.CREATED, T0), History(State.RESTARTED, T0 + 40)],
    )
    record = ExecutionRecord(
        id="e1", **NAMES, revision=3, seq=9, histories=[History(State.CREATED, T0)], task_runs=[kept]
    )
    restart = ExecutionRestarted(
        execution_id="e1", seq=10, at=T0 + 40, attempt_number=2, removed=["e1-second"], record=record
    )
    first = events[0]
    assert isinstance(first, ExecutionCreated)
    live = begin(first)
    for event in [*events[1:], restart]:
        live.apply(event)  # type: ignore[arg-type]  # of the union that web reads
    assert [attempt.number for attempt in live.task_runs["e1-first"].attempts] == [1]
    check([*events, restart])
