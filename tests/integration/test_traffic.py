"""What one execution of two tasks costs at Kafka, and what nothing costs, as the services count it."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api import signed_in
from tests.support.system import System, within
from toccata.standalone.service import SERVICES

pytestmark = [pytest.mark.processes, pytest.mark.servers]
TASKS = """\
tasks:
  - {id: give, type: io.kestra.plugin.core.debug.Return, format: "{{ execution.id }}"}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.give.value }}"}
"""
FLOW = f"id: two\nnamespace: traffic\n{TASKS}"
SENT = f"id: sent\nnamespace: traffic\nworkerGroup: {{key: default}}\n{TASKS}"
"""With a worker group, nothing is decided in place: a worker runs both tasks."""
EXECUTIONS = 10
WARM = 60
"""So many that each partition of executions probably has its leases."""
COLUMNS = ("produce", "fetch", "asked", "answered", "sent", "received")
MOST = {"produce": 8, "fetch": 16, "asked": 16, "answered": 16, "sent": 20, "received": 34}
"""The most for one execution, over all services, with the heartbeats of the time that it takes. A change that needs more
must say so here. Before sessions, a request named all partitions: 290 entries each way."""
MOST_SENT = {"produce": 18, "fetch": 26, "asked": 28, "answered": 28, "sent": 32, "received": 44}
"""The same where a worker runs both tasks."""
IDLE_FETCHES = 5
"""The most fetches without news of a service's reader in the time in which the worker's makes three."""
READERS = {"executor": 12, "trigger-listener": 4, "worker": 1, "indexer": 1, "web": 4}
"""How many readers a service has."""


async def counts(system: System) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    async with httpx.AsyncClient(timeout=20) as client:
        for service in SERVICES:
            page = (await client.get(f"{system.replicas[service].health_url}/prometheus")).text
            found[service] = Counter(
                {
                    next(iter(sample.labels.values())): int(sample.value)
                    for family in text_string_to_metric_families(page)
                    if family.name.startswith("toccata_kafka_")
                    for sample in family.samples
                }
            )
    return found


def table(rows: dict[str, Counter[str]], share: int) -> str:
    lines = ["".join(f"{title:>17}" for title in ("service", *COLUMNS))]
    for service, row in rows.items():
        numbers = "".join(f"{row[column] / share:>17.1f}" for column in COLUMNS)
        lines.append(f"{service:>17}{numbers}")
    return "\n".join(lines)


@pytest.mark.parametrize(("source", "warm", "most"), [(FLOW, 3, MOST), (SENT, WARM, MOST_SENT)])
async def test_one_execution_of_two_tasks_costs_no_more_requests_and_records_than_stated(
    system: System, source: str, warm: int, most: dict[str, int]
) -> None:
    flow_id = source.split("\n", 1)[0].removeprefix("id: ")
    async with signed_in(system) as api:
        await api.save(source)
        for _ in range(warm):
            await api.ended((await api.execute("traffic", flow_id))["id"])
        before = await counts(system)
        for _ in range(EXECUTIONS):
            await api.ended((await api.execute("traffic", flow_id))["id"])
        after = await counts(system)
    spent = {service: after[service] - before[service] for service in SERVICES}
    spent["all"] = sum(spent.values(), Counter())
    shown = table(spent, EXECUTIONS)
    print(f"\n{flow_id}\n{shown}")

    assert all(spent["all"][column] / EXECUTIONS <= each for column, each in most.items()), shown


async def test_an_idle_system_asks_kafka_seldom(system: System) -> None:
    async with signed_in(system) as api:
        await api.save(FLOW)
        await api.ended((await api.execute("traffic", "two"))["id"])

    async def fetches(service: str) -> int:
        return (await counts(system))[service]["fetch"]

    # The waits grow from milliseconds to five seconds, so begin when the worker's are long.
    await within(120, lambda: _worker_waits(system))
    before = await counts(system)
    first = before["worker"]["fetch"]

    async def three_more() -> bool:
        return await fetches("worker") >= first + 3

    await within(120, three_more)
    after = await counts(system)
    spent = {service: after[service] - before[service] for service in SERVICES}
    shown = table(spent, 1)
    print(f"\n{shown}")
    for service, readers in READERS.items():
        # Heartbeats of the worker are news, each of which ends a request.
        without_news = spent[service]["fetch"] - spent[service]["answered"]
        assert without_news <= IDLE_FETCHES * readers, shown


async def _worker_waits(system: System) -> bool:
    """True if nothing was asked between two looks at the services."""
    return (await counts(system))["worker"]["fetch"] == (await counts(system))["worker"]["fetch"]
