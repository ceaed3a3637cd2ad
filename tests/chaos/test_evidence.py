"""The checks of chaos find each error: every test spoils a correct life in one way."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from contracts.codec import encode
from contracts.execution import (
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionStarted,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunStarted,
)
from contracts.states import State
from tests.chaos.evidence import Evidence, journal_differs, marked_attempts, over_limit, submitted, wrong_ends
from tests.chaos.flows import LIMIT, expected_outputs, expected_result, expected_states
from tests.support.life import Life
from toccata.runtime.processor.journal import JournalRecord


def told(execution_id: str, n: int, flow_id: str = "event", at: int = 0) -> list[ExecutionEvent]:
    """Return a correct life."""
    events: list[ExecutionEvent] = []

    def tell(kind: type[ExecutionEvent], **fields: object) -> None:
        events.append(kind(execution_id=execution_id, seq=len(events) + 1, at=at + len(events), **fields))

    tell(ExecutionCreated, namespace="chaos", flow_id=flow_id, revision=1, inputs={"n": n})
    tell(ExecutionStarted)
    for name, state in expected_states(n).items():
        task_id, _, value = name.removesuffix("]").partition("[")
        run = f"{execution_id}/{name}"
        skipped = state == "SKIPPED"
        begins = State.CREATED if skipped else State.SUBMITTED
        tell(TaskRunCreated, task_run_id=run, task_id=task_id, value=value or None, state=begins)
        if not skipped:
            tell(TaskRunStarted, task_run_id=run, attempt=1, started_at=at)
        outputs = expected_outputs(n).get(name, {})
        tell(TaskRunEnded, task_run_id=run, state=State(state), attempt=1, outputs=outputs)
    tell(ExecutionEnded, state=State.SUCCESS, outputs=expected_result(n))
    return events


def life_of(*lives: list[ExecutionEvent]) -> Life:
    life = Life()
    for events in lives:
        for event in events:
            life.see(event.execution_id.encode(), encode(event))
    return life


def journal_of(*lives: list[ExecutionEvent]) -> list[JournalRecord]:
    return [JournalRecord(1, 1, 0, 0, 0, 0, [encode(event)]) for events in lives for event in events]


def replaced(
    events: list[ExecutionEvent], kind: type[ExecutionEvent], **fields: object
) -> list[ExecutionEvent]:
    """Replace fields of the event of this kind (of the task run ``last``)."""
    at = next(
        index
        for index, event in enumerate(events)
        if isinstance(event, kind) and getattr(event, "task_run_id", "/last").endswith("/last")
    )
    return [*events[:at], msgspec.structs.replace(events[at], **fields), *events[at + 1 :]]


def test_a_correct_life_has_no_problems():
    events = told("e0", 0)
    life = life_of(events, events)
    assert life.duplicates == len(events)
    assert wrong_ends(life, {0: "e0"}) == []
    assert journal_differs(Evidence(life, journal_of(events), set(), [])) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda events: events[:-1],
        lambda events: replaced(events, ExecutionEnded, state=State.FAILED),
        lambda events: replaced(events, ExecutionEnded, outputs={}),
        lambda events: replaced(events, TaskRunEnded, outputs={"value": "another's"}),
        lambda events: replaced(events, TaskRunEnded, state=State.WARNING),
    ],
    ids=["not ended", "failed", "no outputs", "outputs of another", "task run in another state"],
)
def test_a_wrong_end_is_seen(spoil: Callable[[list[ExecutionEvent]], list[ExecutionEvent]]):
    assert wrong_ends(life_of(spoil(told("e0", 0))), {0: "e0"})


def killed(n: int, *, last: State) -> list[ExecutionEvent]:
    """Return the life of a killed execution whose task run ``last`` ended so."""
    events = replaced(told("e0", n), TaskRunEnded, state=last, outputs={})
    return replaced(events, ExecutionEnded, state=State.KILLED, outputs={})


def test_a_kill_may_end_what_is_to_be_killed_and_leaves_nothing_open():
    assert wrong_ends(life_of(killed(3, last=State.KILLED)), {3: "e0"}) == []
    assert wrong_ends(life_of(told("e0", 3)), {3: "e0"}) == []
    assert wrong_ends(life_of(killed(3, last=State.FAILED)), {3: "e0"})
    left_open = [event for event in killed(3, last=State.KILLED) if not is_end_of_last(event)]
    assert wrong_ends(life_of(numbered(left_open)), {3: "e0"})
    assert wrong_ends(life_of(killed(0, last=State.KILLED)), {0: "e0"})


def is_end_of_last(event: ExecutionEvent) -> bool:
    return isinstance(event, TaskRunEnded) and event.task_run_id.endswith("/last")


def numbered(events: list[ExecutionEvent]) -> list[ExecutionEvent]:
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events, 1)]


def test_a_lost_a_doubled_and_an_unknown_execution_are_seen():
    assert wrong_ends(life_of(told("e0", 0)), {0: "e0", 1: "e1"})
    assert wrong_ends(life_of(told("e0", 0), told("again", 0)), {0: "e0"})
    assert wrong_ends(life_of(told("e0", 0), told("e1", 1)), {0: "e0"})


def test_a_gap_and_a_contradicting_event_are_found():
    events = told("e0", 0)
    with pytest.raises(AssertionError):
        life_of(events[:3] + events[4:])
    with pytest.raises(AssertionError):
        life_of(events, replaced(events, ExecutionEnded, state=State.FAILED))


def test_public_events_that_the_journal_does_not_hold_are_seen():
    events, others = told("e0", 0), told("e1", 1)
    life = life_of(events)
    assert journal_differs(Evidence(life, journal_of(events[:-1]), set(), []))
    assert journal_differs(Evidence(life, journal_of(events, others), set(), []))
    # Of a journal that was cut, what is left must be the end.
    assert not journal_differs(Evidence(life, journal_of(events[2:]), set(), [], cut=True))
    assert not journal_differs(Evidence(life, [], set(), [], cut=True))
    assert journal_differs(Evidence(life, journal_of(events[:-1]), set(), [], cut=True))
    assert journal_differs(Evidence(life, journal_of(events, others), set(), [], cut=True))


def test_too_many_at_once_are_seen():
    assert not over_limit(life_of(*(told(f"e{n}", n, "api") for n in range(LIMIT))))
    assert over_limit(life_of(*(told(f"e{n}", n, "api") for n in range(LIMIT + 1))))
    one_after_the_other = [told(f"e{n}", n, "api", at=1_000 * n) for n in range(3 * LIMIT)]
    assert not over_limit(life_of(*one_after_the_other))


def test_attempts_are_known_from_records_and_from_marks(tmp_path):
    found = submitted(Evidence(life_of(told("e0", 0)), [], set(), []))
    assert ("e0/marked", 1) in found
    assert ("e0/flaky", 1) not in found
    (tmp_path / "marks").write_text("e0 e0/marked 1\ne0 e0/marked 2\n")
    assert marked_attempts(tmp_path / "marks") - found == {("e0/marked", 2)}
