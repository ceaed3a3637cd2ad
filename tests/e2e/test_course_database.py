"""The course's flows with a database: a month of trips from a server, copied, merged, and never doubled; and a sum by DuckDB."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.api import API, Api, outputs, signed_in, states
from tests.support.http_server import Give, Got, http_server
from tests.support.servers import DatabaseFactory
from tests.support.system import System, running_system, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

COURSE = Path(__file__).parents[1] / "conformance" / "data" / "course"
TRIPS = 2000
TRAM = "Line,left_at,passengers,fare\n" + "".join(
    f"{number % 7},2031-01-{1 + number % 28:02} {number % 24:02}:{number % 60:02}:00,{'' if number % 10 == 0 else number % 90},{number / 4}\n"
    for number in range(TRIPS)
)
TOWNS = b'{"towns": [{"town": "Ems", "rain": 2, "wind": 9}, {"town": "Ems", "rain": 3}, {"town": "Ulm", "rain": 1}]}'
BUS = "Line,stops\n1,12\n2,\n3,7\n"


def _trips(got: Got) -> Give:
    if got.path == "/towns":
        return Give(body=TOWNS)
    return Give(body=gzip.compress((TRAM if "/tram/" in got.path else BUS).encode()))


@pytest.fixture
async def trips() -> AsyncIterator[str]:
    """The address of a server that has a month of trips of each kind."""
    async with http_server(_trips) as server:
        yield server.url


@pytest.fixture
def database(databases: DatabaseFactory) -> str:
    return databases()


def written(name: str, trips: str, database: str) -> str:
    """The flow with the hosts of this test."""
    at = urlsplit(database)
    source = (COURSE / f"{name}.yaml").read_text().replace("https://trips.example", trips)
    for word, value in (("username", at.username), ("password", at.password)):
        source = source.replace(f"{word}: reader", f"{word}: {value}")
    return source.replace("database:5432/trips", f"{at.hostname}:{at.port}{at.path}")


async def asked(database: str, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(database)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def loaded(api: Api, kind: str) -> dict[str, Any]:
    started = await api.execute("tests.course", "04_database", {"kind": kind})
    page = await api.ended(started["id"], seconds=90)
    assert page["state"]["current"] == "SUCCESS", await api.lines(started["id"])
    return page


async def test_a_month_that_is_loaded_twice_is_there_once(system: System, trips: str, database: str) -> None:
    count = "SELECT count(*), count(DISTINCT row_id), min(file), sum(fare), count(passengers) FROM tram_trips"
    async with signed_in(system) as api:
        await api.save(written("04_database", trips, database))
        page = await loaded(api, "tram")
        assert states(page) == {
            **dict.fromkeys(["label", "load", "if_tram", "if_bus", "tidy"], "SUCCESS"),
            **{f"tram_{each}": "SUCCESS" for each in ("table", "staging", "clear", "copy", "ids", "merge")},
        }
        assert outputs(page, "tram_copy") == {"rowCount": TRIPS}
        labels = {each["key"]: each["value"] for each in page["labels"]}
        assert (labels["file"], labels["kind"]) == ("tram_trips_2031-01.csv", "tram")
        once = [(TRIPS, TRIPS, "tram_trips_2031-01.csv", sum(range(TRIPS)) / 4, TRIPS * 9 // 10)]
        assert await asked(database, count) == once
        await loaded(api, "tram")
        assert await asked(database, count) == once
        await loaded(api, "bus")
        bus = await asked(database, "SELECT line, stops FROM bus_trips ORDER BY line")
        assert bus == [("1", 12), ("2", None), ("3", 7)]
        assert await asked(database, count) == once
        # The files of the execution are gone.
        uri = outputs(page, "load")["outputFiles"]["tram_trips_2031-01.csv"]
        answer = await api.client.get(f"{API}/executions/{page['id']}/file", params={"path": uri})
        assert answer.status_code in {404, 422}


async def test_a_schedule_loads_its_month(system: System, trips: str, database: str) -> None:
    source = written("05_database_by_schedule", trips, database)
    every_second = source.replace('cron: "0 6 1 * *"', 'cron: "* * * * * *"\n    withSeconds: true')
    async with signed_in(system) as api:
        await api.save(every_second)

        async def first() -> str:
            query = {"namespace": "tests.course", "flowId": "05_database_by_schedule", "state": "SUCCESS"}
            found = (await api.client.get(f"{API}/executions/search", params=query)).json()["results"]
            return str(found[0]["id"]) if found else ""

        page = await api.get(await within(90, first))
        await api.save(source)  # no further starts
        assert page["trigger"]["id"] == "tram_month"
        month = page["trigger"]["variables"]["date"][:7]
        assert await asked(database, "SELECT DISTINCT file FROM tram_month") == [(f"tram_trips_{month}.csv",)]
        [(count,)] = await asked(database, "SELECT count(*) FROM tram_month")
        assert count == len(set(TRAM.splitlines()[1:]))


async def test_a_pipeline_downloads_picks_and_sums(
    kafka: str, postgres_server: str, tmp_path: Path, trips: str
) -> None:
    """DuckDB reads what a script wrote of what was downloaded. The worker may call the server of this test."""
    source = (COURSE / "03_pipeline.yaml").read_text().replace("https://weather.example", trips)
    settings = {"TOCCATA_WORKER_HTTP_REACH": "all"}
    async with (
        running_system(kafka, postgres_server, tmp_path / "system", settings) as system,
        signed_in(system) as api,
    ):
        await api.save(source)
        started = await api.execute("tests.course", "03_pipeline")
        page = await api.ended(started["id"], seconds=90)
        assert page["state"]["current"] == "SUCCESS", await api.lines(started["id"])
        [found] = outputs(page, "sum")["outputs"]
        assert found["size"] == 2
        answer = await api.client.get(f"{API}/executions/{page['id']}/file", params={"path": found["uri"]})
        assert sorted(answer.text.splitlines()) == [
            '{"town":"Ems","rain":2.5e0}',
            '{"town":"Ulm","rain":1.0e0}',
        ]
