"""Any split of the event stream into batches, with duplicates and a small memory, gives the same rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contracts.execution import ExecutionDeleted, ExecutionEvent
from contracts.message import Message
from contracts.telemetry import AttemptLogs
from services.indexer.core.change import Seen
from services.indexer.core.memory import Memory
from services.indexer.core.rows import Values
from tests.unit.indexer.stories import T0, Table, deleted, failed_retried_restarted, seen, two_logs, two_tasks

STORIES = [two_tasks, failed_retried_restarted, lambda name: two_tasks(name)[:5], deleted]


@st.composite
def streams(draw: st.DrawFn) -> list[ExecutionEvent]:
    """Several executions, each in order, interleaved."""
    rest = [
        list(story(f"e{number}"))
        for number, story in enumerate(draw(st.lists(st.sampled_from(STORIES), min_size=1, max_size=4)))
    ]
    mixed: list[ExecutionEvent] = []
    while any(rest):
        queue = draw(st.sampled_from([events for events in rest if events]))
        mixed.append(queue.pop(0))
    return mixed


@st.composite
def with_duplicates(draw: st.DrawFn, events: list[ExecutionEvent]) -> list[ExecutionEvent]:
    """Repeat a stretch, as the executor does after a recovery when it does not know what was sent."""
    stream: list[ExecutionEvent] = []
    at = 0
    while at < len(events):
        step = draw(st.integers(1, len(events) - at))
        stream += events[at : at + step]
        at += step
        at -= draw(st.integers(0, at)) if draw(st.integers(0, 3)) == 0 and len(stream) < 200 else 0
    return stream


@st.composite
def batches(draw: st.DrawFn, stream: list[ExecutionEvent]) -> list[list[Seen]]:
    records = seen(stream)
    cuts = sorted(draw(st.sets(st.integers(1, len(records)), max_size=8)) | {len(records)})
    return [records[begin:end] for begin, end in zip([0, *cuts], cuts, strict=False)]


@given(st.data())
def test_any_split_with_duplicates_gives_the_same_rows(data: st.DataObject):
    events = data.draw(streams())
    gone = {event.execution_id for event in events if isinstance(event, ExecutionDeleted)}
    whole = Table()
    whole.apply(seen(events))

    split = Table(Memory(executions=data.draw(st.integers(0, 4)), task_runs=data.draw(st.integers(0, 4))))
    for batch in data.draw(batches(data.draw(with_duplicates(events)))):
        split.apply(batch)

    assert split.dump() == whole.dump()
    # A stretch of a deleted execution that is repeated from the middle has no row to build upon, and leaves none.
    assert all(orphan.message.execution_id in gone for orphan in split.orphans)  # type: ignore[union-attr]


@given(st.data())
def test_starting_again_from_any_older_offset_gives_the_same_rows(data: st.DataObject):
    events = data.draw(streams())
    table = Table()
    table.apply(seen(events))
    before = table.dump()

    table.apply(seen(events[data.draw(st.integers(0, len(events) - 1)) :]))

    assert table.dump() == before


@given(st.permutations(two_logs("e1") + two_logs("e2", T0 + 5)))
def test_log_lines_are_the_same_rows_in_any_order(logs: list[AttemptLogs]):
    messages: list[Message] = list(logs)
    rows = _lines(messages)
    assert sorted(rows) == sorted(_lines(messages[::-1]))
    assert len(set(rows)) == 4


def _lines(messages: list[Message]) -> list[Values]:
    return [row for rows in Table().apply(seen(messages, "attempts.logs")).logs.values() for row in rows]
