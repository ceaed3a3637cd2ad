"""The course's flows with a cloud: settings, a bucket and a dataset, and a month of trips that is merged twice and never doubled.

Stand-ins for Google answer: an emulator of Cloud Storage, a BigQuery of ours, and whoever gives tokens for a key."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gcp_storage_emulator.server import create_server

from tests.support.api import API, Api, outputs, signed_in, states
from tests.support.bigquery import Warehouse, bigquery_server
from tests.support.http_server import Give, Got, http_server
from tests.support.system import System, running_system, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

COURSE = Path(__file__).parents[1] / "conformance" / "data" / "course"
TRIPS = 500
TRAM = "Line,left_at,passengers,fare\n" + "".join(
    f"{number % 7},2031-01-{1 + number % 28:02} {number % 24:02}:{number % 60:02}:{number % 59:02},{number},{number / 4}\n"
    for number in range(TRIPS)
)
COUNT = "SELECT count(*), count(DISTINCT row_id), sum(fare)::DOUBLE FROM course.tram_trips"
ONCE = [(TRIPS, TRIPS, sum(range(TRIPS)) / 4)]


def _world(got: Got) -> Give:
    """A month of trips, and tokens."""
    if got.method == "POST":
        return Give(body={"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})
    return Give(body=gzip.compress(TRAM.encode()))


@pytest.fixture
async def world() -> AsyncIterator[str]:
    async with http_server(_world) as server:
        yield server.url


@pytest.fixture
def warehouse(world: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """The worker finds all stand-ins in its environment, and a key of a service account that is nobody's."""
    buckets = create_server("127.0.0.1", 0, in_memory=True)
    buckets.start()
    port = buckets._api._httpd.socket.getsockname()[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = {
        "type": "service_account",
        "project_id": "course-project",
        "client_email": "bot@example.com",
        "private_key": pem,
        "token_uri": f"{world}/token",
    }
    monkeypatch.setenv("SECRET_CLOUD_ACCOUNT", b64encode(json.dumps(key).encode()).decode())
    with bigquery_server() as (address, found):
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", address)
        yield found
    buckets.stop()


@pytest.fixture
async def cloud(
    kafka: str, postgres_server: str, tmp_path: Path, warehouse: Warehouse
) -> AsyncIterator[System]:
    async with running_system(kafka, postgres_server, tmp_path / "system") as system:
        yield system


async def ran(api: Api, name: str) -> dict[str, str]:
    started = await api.execute("tests.course", name)
    page = await api.ended(started["id"], seconds=120)
    assert page["state"]["current"] == "SUCCESS", await api.lines(started["id"])
    return states(page)


async def test_a_month_is_merged_in_the_warehouse_and_never_doubled(
    cloud: System, world: str, warehouse: Warehouse
) -> None:
    async with signed_in(cloud) as api:
        for name in ("06_settings", "07_cloud_setup", "08_cloud"):
            source = (COURSE / f"{name}.yaml").read_text().replace("https://trips.example", world)
            await api.save(source)
        await ran(api, "06_settings")
        await ran(api, "07_cloud_setup")
        await ran(api, "07_cloud_setup")  # they are there already, and stay
        assert await ran(api, "08_cloud") == {
            **dict.fromkeys(["load", "upload", "if_tram"], "SUCCESS"),
            **{f"tram_{each}": "SUCCESS" for each in ("table", "outside", "staging", "merge")},
        }
        assert warehouse.rows(COUNT) == ONCE
        await ran(api, "08_cloud")
        assert warehouse.rows(COUNT) == ONCE

        source = (COURSE / "09_cloud_by_schedule.yaml").read_text().replace("https://trips.example", world)
        every_second = source.replace('cron: "0 8 1 * *"', 'cron: "* * * * * *"\n    withSeconds: true')
        await api.save(every_second)

        async def first() -> str:
            query = {"namespace": "tests.course", "flowId": "09_cloud_by_schedule", "state": "SUCCESS"}
            found = (await api.client.get(f"{API}/executions/search", params=query)).json()["results"]
            return str(found[0]["id"]) if found else ""

        page = await api.get(await within(120, first))
        await api.save(source)  # no further starts
        month = page["trigger"]["variables"]["date"][:7]
        assert outputs(page, "upload")["uri"] == f"gs://course-bucket/tram_trips_{month}.csv"
        assert warehouse.rows(COUNT) == ONCE
