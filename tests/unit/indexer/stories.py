"""Streams of events as executor, workers, registry and trigger-listener write them."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.execution import (
    AttemptRecord,
    ExecutionCreated,
    ExecutionDeleted,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionStarted,
    History,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TriggerRef,
)
from contracts.message import Message
from contracts.states import State
from contracts.telemetry import AttemptLogs, LogLine
from services.indexer.core.change import Changes, Known, Seen
from services.indexer.core.memory import Memory
from services.indexer.core.project import project, wanted, wanted_task_runs

T0 = 1_790_000_000_000


def two_tasks(execution_id: str, at: int = T0, labels: dict[str, str] | None = None) -> list[ExecutionEvent]:
    """Return the nine events of an execution with two tasks."""
    e = execution_id
    events: list[ExecutionEvent] = [
        ExecutionCreated(
            execution_id=e,
            seq=1,
            at=at,
            namespace="acme.sales",
            flow_id="nightly",
            revision=3,
            inputs={"zulu": 1, "alpha": [True, None]},
            labels=labels or {"team": "bi", "a": "b"},
            trigger=TriggerRef(
                id="hook", type="io.kestra.plugin.core.trigger.Webhook", variables={"body": {}}
            ),
        ),
        ExecutionStarted(execution_id=e, seq=2, at=at + 1),
    ]
    for number, task in enumerate(("first", "second")):
        run, seq, begin = f"{e}-{task}", 3 + number * 3, at + 2 + number * 10
        events += [
            TaskRunCreated(
                execution_id=e, seq=seq, at=begin, task_run_id=run, task_id=task, state=State.SUBMITTED
            ),
            TaskRunStarted(
                execution_id=e,
                seq=seq + 1,
                at=begin + 5,
                task_run_id=run,
                attempt=1,
                started_at=begin + 3,
                worker_id="w1",
            ),
            TaskRunEnded(
                execution_id=e,
                seq=seq + 2,
                at=begin + 6,
                task_run_id=run,
                state=State.SUCCESS,
                attempt=1,
                ended_at=begin + 5,
                outputs={"value": task},
            ),
        ]
    return [*events, ExecutionEnded(execution_id=e, seq=9, at=at + 30, state=State.SUCCESS, outputs={"x": 1})]


def failed_retried_restarted(execution_id: str, at: int = T0) -> list[ExecutionEvent]:
    """The first task stays, the second fails twice. A restart runs the second again, and it succeeds."""
    e, first, second = execution_id, f"{execution_id}-first", f"{execution_id}-second"
    before = two_tasks(e, at)[:5]
    failing: list[ExecutionEvent] = [
        TaskRunCreated(
            execution_id=e, seq=6, at=at + 12, task_run_id=second, task_id="second", state=State.SUBMITTED
        ),
        TaskRunRetrying(
            execution_id=e,
            seq=7,
            at=at + 13,
            task_run_id=second,
            attempt=1,
            outcome="failed",
            ended_at=at + 13,
            next_at=at + 14,
            message="no",
        ),
        TaskRunSubmitted(execution_id=e, seq=8, at=at + 14, task_run_id=second, attempt=2),
        TaskRunEnded(
            execution_id=e, seq=9, at=at + 16, task_run_id=second, state=State.FAILED, attempt=2, message="no"
        ),
        ExecutionEnded(execution_id=e, seq=10, at=at + 17, state=State.FAILED, reason="task second failed"),
    ]
    record = ExecutionRecord(
        id=e,
        namespace="acme.sales",
        flow_id="nightly",
        revision=3,
        seq=10,
        histories=[
            History(State.CREATED, at),
            History(State.RUNNING, at + 1),
            History(State.FAILED, at + 17),
        ],
        labels={"team": "bi"},
        task_runs=[
            TaskRunRecord(
                id=first,
                task_id="first",
                histories=[
                    History(State.CREATED, at + 2),
                    History(State.SUBMITTED, at + 2),
                    History(State.RUNNING, at + 5),
                    History(State.SUCCESS, at + 7),
                ],
                attempts=[
                    AttemptRecord(
                        number=1,
                        worker_id="w1",
                        histories=[
                            History(State.CREATED, at + 2),
                            History(State.RUNNING, at + 5),
                            History(State.SUCCESS, at + 7),
                        ],
                    )
                ],
                outputs={"value": "first"},
            )
        ],
    )
    again: list[ExecutionEvent] = [
        ExecutionRestarted(
            execution_id=e, seq=11, at=at + 20, attempt_number=1, removed=[second], record=record
        ),
        ExecutionStarted(execution_id=e, seq=12, at=at + 21),
        TaskRunCreated(
            execution_id=e, seq=13, at=at + 22, task_run_id=second, task_id="second", state=State.SUBMITTED
        ),
        TaskRunEnded(execution_id=e, seq=14, at=at + 24, task_run_id=second, state=State.SUCCESS, attempt=1),
        ExecutionEnded(execution_id=e, seq=15, at=at + 25, state=State.SUCCESS),
    ]
    return before + failing + again


def deleted(execution_id: str, at: int = T0) -> list[ExecutionEvent]:
    """An execution with two tasks that somebody deleted."""
    story = two_tasks(execution_id, at)
    return [*story, ExecutionDeleted(execution_id=execution_id, seq=story[-1].seq + 1, at=at + 40)]


def two_logs(execution_id: str, at: int = T0) -> list[AttemptLogs]:
    return [
        AttemptLogs(
            execution_id=execution_id,
            namespace="acme.sales",
            flow_id="nightly",
            first=0,
            lines=[LogLine(level="INFO", at=at + 4 + number, message=f"hello from {task}")],
            task_id=task,
            task_run_id=f"{execution_id}-{task}",
            attempt=1,
        )
        for number, task in enumerate(("first", "second"))
    ]


def seen(messages: Sequence[Message], topic: str = "executions.events") -> list[Seen]:
    return [Seen(topic, 0, offset, message) for offset, message in enumerate(messages)]


class Table:
    """The projection as dictionaries: it applies changes like the database, in the order of a batch."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.rows = Known()
        self.orphans: list[Seen] = []
        self._memory = memory

    def apply(self, batch: list[Seen]) -> Changes:
        """Load and fold like the shell, and store under the guards of the tables."""
        known = Known()
        for step in (wanted(batch), None):
            keys = wanted_task_runs(known, batch) if step is None else step
            rest = self._memory.recall(keys, known) if self._memory is not None else keys
            for name in ("executions", "task_runs", "triggers", "workers"):
                mine, theirs = getattr(self.rows, name), getattr(known, name)
                theirs.update({key: mine[key] for key in getattr(rest, name) if key in mine})
        changes = project(known, batch)
        self._store(changes)
        if self._memory is not None:
            self._memory.keep(changes)
        self.orphans += changes.orphans
        return changes

    def _store(self, changes: Changes) -> None:
        for gone in changes.removed_executions:
            self.rows.executions.pop(gone, None)
            for run in [run for run in self.rows.task_runs if run[0] == gone]:
                del self.rows.task_runs[run]
        for key in changes.removed_task_runs:
            self.rows.task_runs.pop(key, None)
        for trigger in changes.removed_triggers:
            self.rows.triggers.pop(trigger, None)
        for name, guard in (
            ("executions", "seq"),
            ("task_runs", "seq"),
            ("triggers", "position"),
            ("workers", "position"),
        ):
            mine = getattr(self.rows, name)
            for key, row in getattr(changes, name).items():
                if key not in mine or getattr(mine[key], guard) < getattr(row, guard):
                    mine[key] = row

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        return {
            name: sorted(row.values() for row in getattr(self.rows, name).values())
            for name in ("executions", "task_runs")
        } | {
            "triggers": sorted((row.values() for row in self.rows.triggers.values()), key=repr),
            "workers": sorted((row.values() for row in self.rows.workers.values()), key=repr),
        }
