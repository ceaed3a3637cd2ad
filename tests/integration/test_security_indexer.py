"""Hostile records in the indexer's topics become rows or dead letters, and the next good record is projected."""

from __future__ import annotations

import pytest

from contracts.execution import ExecutionCreated, ExecutionEnded, ExecutionEvent, TaskRunEnded, TriggerRef
from contracts.message import Message
from contracts.states import State
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.work import AttemptKey, WorkerAnnounced
from tests.integration.test_indexer import Run, World, run  # noqa: F401 - the fixture
from tests.unit.indexer.stories import T0, two_tasks
from toccata.runtime.errors import Fatal

pytestmark = pytest.mark.servers

NUL = "\x00"
AGES = (-1, -(10**18), 10**18, 10**30)


def created(execution_id: str, **fields: object) -> ExecutionCreated:
    known = {"seq": 1, "at": T0, "namespace": "n", "flow_id": "f", "revision": 1}
    return ExecutionCreated(execution_id=execution_id, **{**known, **fields})  # type: ignore[arg-type]


def ended(execution_id: str, **fields: object) -> list[ExecutionEvent]:
    """Return a whole life with an odd end."""
    *before, last = two_tasks(execution_id)
    assert isinstance(last, ExecutionEnded)
    odd = TaskRunEnded(
        execution_id=execution_id,
        seq=last.seq,
        at=last.at,
        task_run_id=f"{execution_id}-second",
        state=State.SUCCESS,
        **fields,  # type: ignore[arg-type]
    )
    return [*before, odd]


def hostile() -> dict[str, list[Message]]:
    """Return hostile messages by topic."""
    trigger = TriggerRef(id=NUL, type=NUL, variables={"executionId": NUL, NUL: [NUL, 10**30]})
    events: list[ExecutionEvent] = [
        created(NUL),
        created("a/b\x00c"),
        created("x" * 10_000),
        created("nul", inputs={NUL: NUL}, labels={NUL: NUL, "system.x": NUL}, trigger=trigger),
        created(
            "relatives", parent_id=NUL, original_id=NUL, trigger_key=NUL, trace_parent=NUL, limit_key="k"
        ),
        created("flow", namespace=NUL, flow_id="f"),
        created("numbers", revision=10**25, attempt_number=10**25),
        created("seq", seq=10**25),
        created("labels", labels={f"k{number}": "v" for number in range(40_000)}),
        created("big", inputs={"text": "x" * 800_000}),
        *(created(f"age{number}", at=at, scheduled_at=at) for number, at in enumerate(AGES)),
        *ended("ended1", outputs={NUL: NUL}, outputs_uri=NUL, message=NUL),
        *ended("ended2", ended_at=10**18, attempt=10**25),
    ]
    lines = [LogLine(level="INFO", at=at, message=f"{NUL}\x1b[31m\n") for at in AGES]
    logs = {"namespace": NUL, "flow_id": NUL, "task_id": NUL, "task_run_id": NUL}
    points = [MetricPoint(kind="counter", name=NUL, value=1e308, at=at, tags={NUL: NUL}) for at in AGES]
    return {
        "executions.events": list(events),
        "attempts.logs": [
            *(AttemptLogs(execution_id=NUL, first=0, lines=[line], **logs) for line in lines),  # type: ignore[arg-type]
            AttemptLogs(execution_id="e", first=10**25, lines=lines, namespace="n", flow_id="f"),
        ],
        "attempts.metrics": [
            AttemptMetrics(execution_id="e", first=0, points=[point], attempt=10**25, **logs)
            for point in points
        ],
        "workers.events": [
            WorkerAnnounced(
                group=NUL, worker_id=NUL, inbox=10**9, slots=10**25, at=10**18, running=[AttemptKey(NUL, 1)]
            ),
            WorkerAnnounced(group="g", worker_id="w", inbox=1, slots=1, at=T0, labels={NUL: NUL}),
        ],
    }


def test_records_that_no_row_can_hold_stop_nothing(run: Run) -> None:  # noqa: F811
    async def body(world: World) -> None:
        async with world.indexing() as (indexer, _):
            for topic, messages in hostile().items():
                for message in messages:
                    await world.publish(topic, "same", message)
            await world.publish("executions.events", "same", *two_tasks("good"))
            await indexer.reached(world.ends)
        ids = {row[0] for row in (await world.dump("executions"))["executions"]}
        assert {"good", "nul", "relatives", "labels", "big", "ended1", "ended2", "age0", "age1"} <= ids
        runs = (await world.dump("task_runs"))["task_runs"]
        assert [run[9] for run in runs if run[0] == "ended1"] == ["SUCCESS", "SUCCESS"]

    run(body)


def test_a_flood_of_garbage_is_passed_over_in_the_end(run: Run) -> None:  # noqa: F811
    """The indexer stops as after a bad release, but each start gets further than the last one."""

    async def body(world: World) -> None:
        for partition_key in ("k1", "k2", "k3"):
            await world.publish("attempts.logs", partition_key, *([b"{"] * 900))
        await world.publish("executions.events", "good", *two_tasks("good"))
        stops = 0
        for _ in range(4):
            try:
                await world.index_all()
                break
            except* Fatal:
                stops += 1
        assert 1 <= stops <= 3
        assert len((await world.dump("executions"))["executions"]) == 1

    run(body)
