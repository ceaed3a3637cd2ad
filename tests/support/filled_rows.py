"""Some rows of the projection, as the indexer writes them, and a reader of web."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.execution import ExecutionCreated
from contracts.message import Message
from contracts.registry import FlowState
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.trigger import TriggerDefined, TriggerFired
from contracts.work import WorkerAnnounced
from services.indexer.adapters.postgres import open_projection
from services.indexer.core.change import Known
from services.indexer.core.project import project
from services.web.adapters.postgres import PostgresRows
from services.web.core.search.query import Leaf, Op, Query
from tests.unit.indexer.stories import T0, failed_retried_restarted, seen, two_logs, two_tasks
from toccata.runtime.postgres import Pool, PostgresSettings

HOUR = 3_600_000


Body = Callable[[PostgresRows], Awaitable[None]]


def flow(
    namespace: str, flow_id: str, revision: int = 1, source: str = "", *, deleted: bool = False
) -> FlowState:
    return FlowState(
        namespace=namespace,
        flow_id=flow_id,
        revision=revision,
        source=source or f"id: {flow_id}\nnamespace: {namespace}\nlabels:\n  team: bi\n",
        at=T0 + revision,
        created_at=T0,
        deleted=deleted,
    )


def _plain(name: str, namespace: str, flow_id: str, at: int) -> ExecutionCreated:
    return ExecutionCreated(
        execution_id=name, seq=1, at=at, namespace=namespace, flow_id=flow_id, revision=1, labels={"n": name}
    )


async def _fill(settings: PostgresSettings) -> None:
    """Store ``ok`` and ``bad`` in acme.sales, ``plain-0`` … ``plain-4`` below acme.sales, and one in a similarly named namespace."""
    projection = await open_projection(settings, lambda: T0, lambda: None)
    trigger: dict[str, Any] = {"namespace": "acme.sales", "flow_id": "nightly", "at": T0}
    batches: dict[str, list[Message]] = {
        "executions.events": [
            *two_tasks("ok"),
            *failed_retried_restarted("bad", T0 + HOUR)[:10],
            *[_plain(f"plain-{n}", "acme.sales.eu", "other", T0 + n) for n in range(5)],
            _plain("alike", "acme.salesforce", "other", T0),
        ],
        "attempts.logs": [
            *two_logs("ok"),
            AttemptLogs(
                execution_id="ok",
                namespace="acme.sales",
                flow_id="nightly",
                first=0,
                lines=[LogLine(level="ERROR", at=T0 + 50, message="100% broken\x00")],
            ),
        ],
        "attempts.metrics": [
            AttemptMetrics(
                execution_id="ok",
                namespace="acme.sales",
                flow_id="nightly",
                task_id="first",
                task_run_id="ok-first",
                attempt=1,
                first=0,
                points=[
                    MetricPoint(kind="counter", name=name, value=value, at=T0, tags={"t": name})
                    for name, value in (("rows", 3.0), ("bytes", 7.5))
                ],
            )
        ],
        "flows.state": [
            flow("acme.sales", "nightly", 1),
            flow("acme.sales", "nightly", 2, "id: nightly\ndescription: Every Night\n# Needle\n"),
            flow("acme.sales.eu", "other"),
            flow("gone", "old"),
            flow("gone", "old", 2, deleted=True),
        ],
        "triggers.events": [
            *[
                TriggerDefined(
                    **trigger,
                    trigger_id=name,
                    revision=1,
                    trigger_type="io.kestra.plugin.core.trigger.Schedule",
                    definition={"id": name, "cron": "@daily", "a": 1},
                    disabled=name == "off",
                    next_at=T0 + HOUR,
                )
                for name in ("at_two", "off")
            ],
            TriggerFired(**trigger, trigger_id="at_two", execution_id="ok", slot_at=T0, next_at=T0 + HOUR),
        ],
        "workers.events": [
            WorkerAnnounced(group="default", worker_id="w1", inbox=3, slots=8, at=T0, labels={"zone": "a"})
        ],
    }
    for topic, messages in batches.items():
        await projection.write(project(Known(), seen(messages, topic)), {(topic, 0): len(messages)})
    await projection.close()


@pytest.fixture
def read(postgres: str) -> Callable[[Body], None]:
    settings = PostgresSettings(url=SecretStr(postgres))

    async def filled(body: Body) -> None:
        async with asyncio.timeout(60):
            await _fill(settings)
            pool = Pool(settings, "test")
            await pool.open()
            try:
                await body(PostgresRows(pool))
            finally:
                await pool.close()

    return lambda body: asyncio.run(filled(body))


Read = Callable[[Body], None]


def query_of(field: str, op: Op, *values: str, key: str | None = None) -> Query:
    return Query(T0, Leaf(field, op, values, key), size=100)
