"""Deletions take the rows that stand before them, and nothing that comes after."""

import pytest

from contracts.execution import ExecutionDeleted
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, LogsDeleted, MetricPoint, MetricsDeleted
from services.indexer.core.change import Known
from services.indexer.core.memory import Memory
from services.indexer.core.project import project
from tests.unit.indexer.stories import T0, Table, failed_retried_restarted, seen, two_logs, two_tasks


def deleted(story, execution_id="e1"):
    events = story(execution_id)
    return [*events, ExecutionDeleted(execution_id=execution_id, seq=events[-1].seq + 1, at=T0 + 99)]


@pytest.mark.parametrize("story", [two_tasks, failed_retried_restarted])
@pytest.mark.parametrize("cut", [0, 1, 4, 9])
def test_an_execution_and_its_task_runs_go_in_one_batch_or_several(story, cut):
    events = deleted(story)
    table = Table(Memory())
    for batch in (seen(events)[:cut], seen(events)[cut:]):
        table.apply(batch)
    table.apply(seen(two_tasks("other")))
    assert {row.id for row in table.rows.executions.values()} == {"other"}
    assert {key[0] for key in table.rows.task_runs} == {"other"}
    assert not table.orphans


def test_a_repeated_deletion_and_a_repeated_story_leave_nothing():
    events = deleted(two_tasks)
    table = Table()
    table.apply(seen(events))
    table.apply(seen([events[-1]]))
    table.apply(seen(events))
    assert not table.rows.executions
    assert not table.rows.task_runs
    assert not table.orphans


def test_a_restart_after_the_deletion_brings_it_back_completely():
    story = failed_retried_restarted("e1")
    gone = ExecutionDeleted(execution_id="e1", seq=11, at=T0 + 18)
    again = [*story[:10], gone, *story[10:]]
    for cut in range(len(again)):
        table = Table()
        table.apply(seen(again[:cut]))
        table.apply(seen(again[cut:]))
        # The restart carries number 11, as the deletion does: without the deletion it would be the same row.
        assert [row.seq for row in table.rows.executions.values()] == [15]
        assert {key[1] for key in table.rows.task_runs} == {"e1-first", "e1-second"}


def lines(*, attempt=1, task="t", level="INFO", at=T0):
    return AttemptLogs(
        execution_id="e1",
        namespace="n",
        flow_id="f",
        first=0,
        lines=[LogLine(level=level, at=at, message="m")],
        task_id=task,
        task_run_id=f"e1-{task}",
        attempt=attempt,
    )


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"task_id": "t"},
        {"task_run_id": "e1-t"},
        {"attempt": 1},
        {"levels": ["INFO", "ERROR"]},
        {"after": T0, "before": T0},
    ],
)
def test_lines_before_a_deletion_go_and_later_ones_stay(wanted):
    later = lines(attempt=2, at=T0 + 1)
    changes = project(
        Known(), seen([lines(), LogsDeleted(execution_id="e1", **wanted), later], "attempts.logs")
    )
    assert [row[3] for row in changes.logs["e1"]] == [2]
    assert [each.execution_id for each in changes.removed_logs] == ["e1"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"task_id": "u"},
        {"task_run_id": "e1-u"},
        {"attempt": 2},
        {"trigger_id": "hook"},
        {"levels": ["ERROR"]},
        {"levels": []},
        {"after": T0 + 1},
        {"before": T0 - 1},
    ],
)
def test_lines_that_are_not_selected_stay(wanted):
    changes = project(Known(), seen([lines(), LogsDeleted(execution_id="e1", **wanted)], "attempts.logs"))
    assert len(changes.logs["e1"]) == 1


def test_lines_of_another_execution_stay():
    changes = project(Known(), seen([*two_logs("e2"), LogsDeleted(execution_id="e1")], "attempts.logs"))
    assert len(changes.logs["e2"]) == 2


def test_metrics_before_a_deletion_go():
    points = [MetricPoint(kind="counter", name="rows", value=1.0, at=T0)]
    fields = {"execution_id": "e1", "namespace": "n", "flow_id": "f", "task_id": "t", "task_run_id": "r"}
    metrics = [AttemptMetrics(**fields, attempt=number, first=0, points=points) for number in (1, 2)]
    messages = [metrics[0], MetricsDeleted(execution_id="e1"), metrics[1]]
    changes = project(Known(), seen(messages, "attempts.metrics"))
    assert changes.removed_metrics == {"e1"}
    assert [row[2] for row in changes.metrics["e1"]] == [2]
