"""Light attempts go from the executor straight to workers. All services are real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api import API, Api, signed_in, states
from tests.support.system import System, running_system, within

pytestmark = [pytest.mark.processes, pytest.mark.servers]

CORE = "io.kestra.plugin.core."
LINE = f"""
id: line
namespace: leases
tasks:
  - {{id: a, type: {CORE}debug.Return, format: x}}
  - {{id: b, type: {CORE}log.Log, message: "{{{{ outputs.a.value }}}}"}}
"""
LONG = f"""
id: long
namespace: leases
tasks:
  - {{id: nap, type: {CORE}flow.Sleep, duration: "{{{{ taskrun.attemptsCount == 0 ? 'PT2M' : 'PT0.1S' }}}}"}}
"""
EACH = f"""
id: each
namespace: leases
tasks:
  - id: each
    type: {CORE}flow.ForEach
    concurrencyLimit: 0
    values: "{{{{ range(1, 60) }}}}"
    tasks:
      - {{id: leaf, type: {CORE}debug.Return, format: "{{{{ taskrun.value }}}}"}}
"""
SETTINGS = {"TOCCATA_EXECUTOR_IN_PLACE": "false", "TOCCATA_WORKER_LIGHT_SLOTS": "32"}


@pytest.fixture
async def leasing(kafka: str, postgres_server: str, tmp_path: Path) -> AsyncIterator[System]:
    async with running_system(kafka, postgres_server, tmp_path, SETTINGS) as system:
        yield system


async def gauge(system: System, name: str) -> float:
    async with httpx.AsyncClient(timeout=20) as client:
        page = (await client.get(f"{system.replicas['executor'].health_url}/prometheus")).text
    samples = [s for family in text_string_to_metric_families(page) for s in family.samples]
    return sum(sample.value for sample in samples if sample.name == name)


async def holds(system: System, attempts: int) -> bool:
    return await gauge(system, "toccata_leased_attempts") == attempts


async def kill(api: Api, execution_id: str) -> None:
    answer = await api.client.delete(f"{API}/executions/{execution_id}/actions/kill")
    assert answer.status_code in {200, 202}, answer.text
    assert (await api.ended(execution_id, 60))["state"]["current"] == "KILLED"


async def napping(api: Api) -> str:
    """Start a long attempt, and return its execution once a worker runs it."""
    execution_id = str((await api.execute("leases", "long"))["id"])

    async def runs() -> bool:
        return states(await api.get(execution_id)).get("nap") == "RUNNING"

    await within(60, runs)
    return execution_id


async def leased(api: Api, system: System) -> str:
    """Start long attempts until one has a leased place, and return its execution."""
    for _ in range(30):
        execution_id = await napping(api)
        if await holds(system, 1):
            return execution_id
        await kill(api, execution_id)
    raise AssertionError("no partition has a place")


async def test_light_attempts_take_leased_places_and_survive_kills_and_lost_workers(leasing: System) -> None:
    async with signed_in(leasing) as api:
        for source in (LINE, LONG, EACH):
            await api.save(source)
        # The first light attempt of a partition goes through dispatch, and gets the partition its places.
        for _ in range(20):
            ended = await api.ended((await api.execute("leases", "line"))["id"], 60)
            assert ended["state"]["current"] == "SUCCESS"
        assert await gauge(leasing, "toccata_leased_places") >= 2

        wide = await api.ended((await api.execute("leases", "each"))["id"], 60)
        assert wide["state"]["current"] == "SUCCESS", "there are two places, and the long way for the others"
        assert len(wide["taskRunList"]) == 61
        await within(60, lambda: holds(leasing, 0))

        await kill(api, await leased(api, leasing))
        await within(60, lambda: holds(leasing, 0))

        lost = await leased(api, leasing)
        leasing.kill("worker")
        await leasing.replicas["worker"].wait()
        await leasing.start("worker")
        ended = await api.ended(lost, 60)
        assert ended["state"]["current"] == "SUCCESS"
        assert len(ended["taskRunList"][0]["attempts"]) == 2
        await within(60, lambda: holds(leasing, 0))
