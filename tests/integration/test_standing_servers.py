"""PostgreSQL and Kafka hang (they accept connections and never answer). Health says so within three seconds, reads are refused
within their deadline, and everything recovers by itself."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.api import API, Api, signed_in
from tests.support.system import System, running_system
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres
from toccata.standalone.service import SERVICES

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]
TOLD_WITHIN_SECONDS = 3.0
QUERY_SECONDS, CONNECT_SECONDS = 1.0, 1.0
REFUSED_WITHIN_SECONDS = QUERY_SECONDS + CONNECT_SECONDS + 1.5
FLOW = """\
id: hello
namespace: standing
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""


@asynccontextmanager
async def own_servers(folder: Path) -> AsyncIterator[tuple[System, EmbeddedKafka, EmbeddedPostgres]]:
    """Start a system on its own Kafka and PostgreSQL."""
    kafka, postgres = EmbeddedKafka(folder / "kafka"), EmbeddedPostgres(folder / "postgres")
    settings = {
        "TOCCATA_DATABASE_QUERY_SECONDS": str(QUERY_SECONDS),
        "TOCCATA_DATABASE_CONNECT_SECONDS": str(CONNECT_SECONDS),
    }
    try:
        addresses = await kafka.start(), await postgres.start()
        async with running_system(*addresses, folder / "system", settings) as system:
            yield system, kafka, postgres
    finally:
        await kafka.stop()
        await postgres.stop()


@contextmanager
def standing(pid: int | None) -> Iterator[None]:
    """Stop the process and all its children for a while."""
    assert pid is not None
    first = psutil.Process(pid)
    processes = [first, *first.children(recursive=True)]
    try:
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


async def told(system: System, service: str) -> tuple[int, dict[str, str]]:
    """Return the service's health: status, and the state of each part."""
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.get(f"{system.replicas[service].health_url}/health")
    return answer.status_code, {n: d["status"] for n, d in answer.json()["details"].items()}


async def down_in_time(system: System, service: str, server: str) -> dict[str, str]:
    """Return the parts once the service reports in time that the server is away. A recent answer may still say UP."""
    began = time.monotonic()
    while True:
        status, parts = await told(system, service)
        took = time.monotonic() - began
        if (status, parts[server]) == (503, "DOWN"):
            break
        assert took < TOLD_WITHIN_SECONDS, f"{service}: {parts}"
    assert took < TOLD_WITHIN_SECONDS, f"{service} took {took:.1f} s"
    return parts


async def test_health_is_down_while_postgres_hangs_and_searches_are_refused(tmp_path: Path) -> None:
    async with own_servers(tmp_path) as (system, _, postgres), signed_in(system) as api:
        await api.save(FLOW)
        await api.ended((await api.execute("standing", "hello"))["id"])
        with standing(postgres.pid):
            for service in ("web", "indexer"):
                assert (await down_in_time(system, service, "postgres"))["kafka"] == "UP"
            asked_web = await _timed(api, "/health")
            assert (asked_web[0].status_code, asked_web[1] < TOLD_WITHIN_SECONDS) == (503, True)
            for service in ("executor", "worker", "trigger-listener"):
                assert (await told(system, service))[0] == 200
            await _refused_in_time(api)
        await system.ready(*SERVICES)
        assert (await api.client.get(f"{API}/executions/search")).json()["total"] == 1
        await api.ended((await api.execute("standing", "hello"))["id"])


async def _refused_in_time(api: Api) -> None:
    """Search more often at once than there are connections. Searches that wait for a connection are answered in time too."""
    paths = [
        f"{API}/executions/search",
        f"{API}/flows/search",
        f"{API}/logs/search",
        f"{API}/triggers/search",
    ]
    answers = await asyncio.gather(*(_timed(api, path) for path in paths * 4))
    for answer, took in answers:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert "cannot be reached" in answer.json()["message"]
        assert took < REFUSED_WITHIN_SECONDS


async def _timed(api: Api, path: str) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = await api.client.get(path)
    return answer, time.monotonic() - began


async def test_health_of_every_service_is_down_while_kafka_hangs(tmp_path: Path) -> None:
    async with own_servers(tmp_path) as (system, kafka, _), signed_in(system) as api:
        await api.save(FLOW)
        with standing(kafka.pid):
            await asyncio.gather(*(down_in_time(system, service, "kafka") for service in SERVICES))
            assert (await api.client.get(f"{API}/flows/search")).status_code == 200
        await system.ready(*SERVICES)
        await api.ended((await api.execute("standing", "hello"))["id"], seconds=60)
