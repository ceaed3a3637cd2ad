"""Logs, metrics, flows, triggers and workers become rows. Memory returns open rows."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.registry import FlowState
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.trigger import (
    TriggerDefined,
    TriggerDisabledSet,
    TriggerFired,
    TriggerRemoved,
    TriggerSkipped,
    TriggerUnlocked,
)
from contracts.work import AttemptKey, WorkerAnnounced, WorkerDraining, WorkerReported
from services.indexer.core.change import Changes, Known, Seen, Wanted
from services.indexer.core.memory import Memory
from services.indexer.core.partition import horizon
from services.indexer.core.project import project
from services.indexer.core.rows import instant, trigger_row, worker_row
from tests.unit.indexer.stories import T0, Table, seen, two_logs, two_tasks

SOURCE = """id: nightly
namespace: acme.sales
description: every night
labels:
  team: bi
  zone: 1
tasks:
  - id: t
    type: io.kestra.plugin.core.log.Log
"""


def _flow(revision: int, *, deleted: bool = False, source: str = SOURCE) -> FlowState:
    return FlowState(
        namespace="acme.sales",
        flow_id="nightly",
        revision=revision,
        source=source,
        at=T0 + revision,
        created_at=T0,
        deleted=deleted,
    )


def test_lines_are_numbered_within_their_attempt():
    logs = AttemptLogs(
        execution_id="e1",
        namespace="n",
        flow_id="f",
        first=7,
        lines=[LogLine(level="WARN", at=T0, message="a\x00b"), LogLine(level="TRACE", at=T0, message="")],
        task_id="t",
        task_run_id="r",
        attempt=2,
    )
    rows = project(Known(), [Seen("attempts.logs", 0, 0, logs)]).logs["e1"]
    assert rows == [
        ("e1", "r", "", 2, 7, instant(T0), 3, "n", "f", "t", "a\ufffdb"),
        ("e1", "r", "", 2, 8, instant(T0), 0, "n", "f", "t", ""),
    ]


def test_lines_of_executor_and_triggers_have_no_task_run():
    logs = AttemptLogs(
        execution_id="",
        namespace="n",
        flow_id="f",
        first=0,
        lines=[LogLine(level="INFO", at=T0, message="m")],
        trigger_id="s",
    )
    assert project(Known(), [Seen("attempts.logs", 0, 0, logs)]).logs[""][0][:4] == ("", "", "s", 0)


def test_metric_points_keep_kind_value_and_tags():
    metrics = AttemptMetrics(
        execution_id="e1",
        namespace="n",
        flow_id="f",
        task_id="t",
        task_run_id="r",
        attempt=1,
        first=0,
        points=[MetricPoint(kind="timer", name="took", value=1.5, at=T0, tags={"z": "1", "a": "2"})],
    )
    rows = project(Known(), [Seen("attempts.metrics", 0, 0, metrics)]).metrics["e1"]
    assert rows == [("e1", "r", 1, 0, instant(T0), "n", "f", "t", "timer", "took", 1.5, '{"z":"1","a":"2"}')]


def test_a_forgotten_revision_leaves_no_row_and_the_flow_as_it_is():
    forgotten = msgspec.structs.replace(_flow(1, deleted=True, source=""), removed=True)
    changes = project(Known(), seen([_flow(1), _flow(2), forgotten], "flows.state"))
    assert set(changes.flow_revisions) == {("acme.sales", "nightly", 2)}
    assert changes.removed_revisions == {("acme.sales", "nightly", 1)}
    assert changes.flows["acme.sales", "nightly"][2] == 2


def test_every_revision_is_a_row_and_the_highest_is_the_flow():
    changes = project(Known(), seen([_flow(2), _flow(1)], "flows.state"))
    assert set(changes.flow_revisions) == {("acme.sales", "nightly", 1), ("acme.sales", "nightly", 2)}
    values = changes.flows["acme.sales", "nightly"]
    assert values[2:4] == (2, 0)
    assert values[5:8] == ('[{"key":"team","value":"bi"},{"key":"zone","value":"1"}]', False, "every night")


def test_a_deletion_of_the_same_revision_counts_when_it_comes_later():
    changes = project(Known(), seen([_flow(1), _flow(1, deleted=True)], "flows.state"))
    assert changes.flows["acme.sales", "nightly"][8] is True
    assert changes.flow_revisions["acme.sales", "nightly", 1][8] is True


def test_a_source_that_cannot_be_read_is_a_row_without_labels():
    for source in ("a: [", "- a", "labels: 1", "labels: [{key: a, value: {}}]", "labels: {a: {}}"):
        changes = project(Known(), seen([_flow(1, source=source)], "flows.state"))
        assert changes.flows["acme.sales", "nightly"][4:8] == (source, "[]", False, "")


def test_a_disabled_flow_is_seen_as_such():
    changes = project(Known(), seen([_flow(1, source=SOURCE + "disabled: true\n")], "flows.state"))
    assert changes.flows["acme.sales", "nightly"][6] is True


def test_a_tombstone_removes_a_revision_unless_it_is_written_again():
    gone = Seen("flows.state", 0, 5, None, "acme.sales/nightly@1")
    changes = project(Known(), [*seen([_flow(1), _flow(2)], "flows.state"), gone])
    assert changes.removed_revisions == {("acme.sales", "nightly", 1)}
    assert set(changes.flow_revisions) == {("acme.sales", "nightly", 2)}
    again = project(Known(), [gone, *seen([_flow(1)], "flows.state")])
    assert not again.removed_revisions
    assert not project(Known(), [Seen("flows.state", 0, 5, None, "garbage")]).removed_revisions


KEY: dict[str, Any] = {"namespace": "acme", "flow_id": "f", "trigger_id": "t"}


def _defined(at: int = T0, revision: int = 1) -> TriggerDefined:
    return TriggerDefined(
        **KEY,
        at=at,
        revision=revision,
        trigger_type="Schedule",
        definition={"cron": "@daily"},
        disabled=False,
        next_at=T0 + 10,
    )


def test_a_trigger_remembers_when_it_fired_and_what_locks_it():
    table = Table()
    fired = TriggerFired(**KEY, at=T0 + 11, execution_id="e1", slot_at=T0 + 10, next_at=T0 + 20)
    table.apply(seen([_defined(), fired], "triggers.events"))
    row = table.rows.triggers["acme", "f", "t"]
    assert (row.last_at, row.next_at, row.execution_id) == (T0 + 10, T0 + 20, "e1")
    assert trigger_row(row.values()) == row

    skipped = TriggerSkipped(**KEY, at=T0 + 21, slot_at=T0 + 20, next_at=T0 + 30, reason="late")
    after = [
        TriggerUnlocked(**KEY, at=T0 + 22, execution_id="e1"),
        TriggerDisabledSet(**KEY, at=T0 + 23, disabled=True),
    ]
    table.apply([Seen("triggers.events", 0, 2 + n, event) for n, event in enumerate([skipped, *after])])
    row = table.rows.triggers["acme", "f", "t"]
    assert (row.last_at, row.evaluated_at, row.next_at) == (T0 + 10, T0 + 21, None)
    assert (row.execution_id, row.disabled, row.updated_at) == (None, True, T0 + 23)


def test_a_new_revision_of_a_trigger_keeps_when_it_fired():
    table = Table()
    fired = TriggerFired(**KEY, at=T0 + 11, execution_id="e1", slot_at=T0 + 10, locks=False)
    table.apply(seen([_defined(), fired, _defined(T0 + 12, 2)], "triggers.events"))
    row = table.rows.triggers["acme", "f", "t"]
    assert (row.revision, row.last_at, row.execution_id) == (2, T0 + 10, None)


def test_a_removed_trigger_is_gone_and_may_come_again():
    table = Table()
    removed = TriggerRemoved(**KEY, at=T0 + 1)
    table.apply(seen([_defined(), removed], "triggers.events"))
    assert not table.rows.triggers
    late = TriggerUnlocked(**KEY, at=T0 + 2, execution_id="e1")
    table.apply([Seen("triggers.events", 0, 2, late)])
    assert not table.rows.triggers
    table.apply([Seen("triggers.events", 0, 3, _defined(T0 + 3))])
    assert table.rows.triggers["acme", "f", "t"].updated_at == T0 + 3


def test_a_trigger_event_read_again_changes_nothing():
    table = Table()
    table.apply(seen([_defined(), TriggerDisabledSet(**KEY, at=T0 + 1, disabled=True)], "triggers.events"))
    table.apply(seen([_defined()], "triggers.events"))
    assert table.rows.triggers["acme", "f", "t"].disabled is True


def test_a_worker_is_shown_from_announcement_to_its_last_word():
    table = Table()
    announced = WorkerAnnounced(
        group="g", worker_id="w", inbox=3, slots=8, at=T0, running=[AttemptKey("r", 1)]
    )
    ended = WorkerReported(group="g", worker_id="w", at=T0 + 1, ended=[AttemptKey("r", 1)])
    beat = WorkerReported(group="g", worker_id="w", at=T0 + 2, running=[])
    table.apply(seen([announced, ended], "workers.events"))
    row = table.rows.workers["g", "w"]
    assert (row.slots, row.inbox, row.running, row.heartbeat_at, row.state) == (8, 3, 1, T0, "RUNNING")
    assert worker_row(row.values()) == row
    table.apply([Seen("workers.events", 0, 2, beat)])
    row = table.rows.workers["g", "w"]
    assert (row.slots, row.running, row.heartbeat_at, row.announced_at) == (8, 0, T0 + 2, T0)
    for offset, gone in enumerate((False, True), 3):
        word = WorkerDraining(group="g", worker_id="w", at=T0 + offset, gone=gone)
        table.apply([Seen("workers.events", 0, offset, word)])
        assert table.rows.workers["g", "w"].state == ("GONE" if gone else "DRAINING")


def test_a_worker_known_by_heartbeats_alone_has_a_row_without_slots():
    table = Table()
    table.apply(seen([WorkerReported(group="g", worker_id="w", at=T0, running=[])], "workers.events"))
    row = table.rows.workers["g", "w"]
    assert (row.slots, row.announced_at) == (0, None)
    assert worker_row(row.values()) == row


def test_memory_gives_back_what_is_open_and_asks_for_the_rest():
    table, memory = Table(), Memory()
    changes = table.apply(seen(two_tasks("open")[:4] + two_tasks("over")))
    memory.keep(changes)

    known = Known()
    rest = memory.recall(
        Wanted(executions={"open", "over"}, task_runs={("open", "open-first"), ("over", "over-first")}), known
    )

    assert set(known.executions) == {"open"}
    assert set(known.task_runs) == {("open", "open-first")}
    assert (rest.executions, rest.task_runs) == ({"over"}, {("over", "over-first")})


def test_memory_is_bounded_and_forgets_the_longest_untouched():
    table, memory = Table(), Memory(executions=2, task_runs=1)
    for name in ("e1", "e2"):
        memory.keep(table.apply(seen(two_tasks(name)[:3])))
    memory.keep(table.apply([Seen("executions.events", 0, 9, two_tasks("e1")[3])]))
    memory.keep(table.apply(seen(two_tasks("e3")[:3])))

    known = Known()
    rest = memory.recall(Wanted(executions={"e1", "e2", "e3"}), known)

    assert (set(known.executions), rest.executions) == ({"e1", "e3"}, {"e2"})


def test_memory_forgets_removed_task_runs():
    memory = Memory()
    memory.keep(Table().apply(seen(two_tasks("e1")[:4])))
    memory.keep(Changes(removed_task_runs={("e1", "e1-first")}))
    assert memory.recall(Wanted(task_runs={("e1", "e1-first")}), Known()).task_runs


def test_partitions_around_the_year_s_end():
    around = horizon(1_798_761_600_000)  # 2027-01-01T00:00:00Z
    assert sorted(month.suffix for month in around.always()) == ["2026_12", "2027_01", "2027_02"]
    demanded = around.on_demand([instant(1_798_761_600_000), instant(0), instant(4_000_000_000_000)])
    assert [month.suffix for month in demanded] == ["2027_01"]


def test_logs_of_two_tasks_are_two_rows():
    assert len(project(Known(), seen(two_logs("e1"), "attempts.logs")).logs["e1"]) == 2
