"""BigQuery tasks on the worker's own runner: Google's client against a stand-in of ours that speaks the REST API, with DuckDB below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gcp_storage_emulator.server import create_server
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.bigquery import Warehouse, bigquery_server
from tests.support.example import example
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.gcp import bigquery as big
from toccata.plugins.families.gcp import bigquery_table as tables

CSV = b"town,trips,left_at\nEms,2,2031-01-01 10:00:00\nUlm,3,2031-01-02 11:00:00\n"


@pytest.fixture(scope="module")
def buckets() -> Iterator[str]:
    server = create_server("127.0.0.1", 0, in_memory=True)
    server.start()
    yield f"http://127.0.0.1:{server._api._httpd.socket.getsockname()[1]}"
    server.stop()


class Account:
    def __init__(self, folder: Path, warehouse: Warehouse, buckets: str) -> None:
        self.bench = Bench(folder)
        self.warehouse = warehouse
        self.bucket = storage.Client(
            project="trips", credentials=AnonymousCredentials(), client_options={"api_endpoint": buckets}
        ).bucket("trips")
        if not self.bucket.exists():
            self.bucket.create()

    async def run(self, task: TaskType, written: dict[str, Any]) -> AttemptEnded:
        return await self.bench.run(task, self.signed(written))

    def signed(self, written: dict[str, Any]) -> dict[str, Any]:
        """The stand-in has no sign-in."""
        given = {name: value for name, value in written.items() if name != "serviceAccount"}
        return {"projectId": "trips", **given}

    async def good(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.run(task, written))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, self.signed(written))

    async def file(self, content: bytes) -> str:
        return await self.bench.storage.put("kestra:///company/team/f/executions/e1/inputs/in.csv", content)

    async def taxi(self) -> None:
        """A dataset with a table."""
        await self.good(tables.CREATE_DATASET, {"name": "trips"})
        await self.good(
            big.LOAD,
            {
                "from": await self.file(CSV),
                "destinationTable": "trips.taxi",
                "format": "CSV",
                "csvOptions": {"skipLeadingRows": 1},
                "autodetect": True,
            },
        )


@pytest.fixture
def account(tmp_path: Path, buckets: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", buckets)
    with bigquery_server() as (address, warehouse):
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", address)
        yield Account(tmp_path, warehouse, buckets)


async def test_rows_come_as_outputs_or_in_a_file_with_their_types(account: Account) -> None:
    await account.taxi()
    got = await account.good(big.QUERY, example(big.QUERY))
    assert (got["rows"], got["size"]) == ([{"town": "Ems", "trips": 1}, {"town": "Ulm", "trips": 1}], 2)
    sql = (
        "SELECT 1 AS whole, 1.5 AS part, NUMERIC '2.25' AS exact, TRUE AS yes, DATE '2031-01-02' AS day,"
        " TIMESTAMP '2031-01-02 03:04:05+00' AS moment, b'ab' AS raw, CAST(NULL AS STRING) AS nothing"
    )
    got = await account.good(big.QUERY, {"sql": sql, "fetchType": "FETCH_ONE"})
    assert got["row"] == {
        "whole": 1,
        "part": 1.5,
        "exact": 2.25,
        "yes": True,
        "day": "2031-01-02",
        "moment": "2031-01-02T03:04:05Z",
        "raw": "YWI=",
        "nothing": None,
    }
    got = await account.good(big.QUERY, {"sql": sql, "store": True})
    [line] = (await account.bench.storage.get(got["uri"])).splitlines()
    assert b'"moment":2031-01-02T03:04:05Z' in line
    assert read_row(line, "row")["whole"] == 1
    got = await account.good(big.QUERY, {"sql": "SELECT 1"})
    assert set(got) == {"jobId", "destinationTable"}


async def test_a_result_is_read_page_by_page(account: Account) -> None:
    sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25)) AS n ORDER BY n"
    got = await account.good(big.QUERY, {"sql": sql, "fetchType": "STORE", "maxResults": 10})
    assert got["size"] == 25
    assert sum("/queries/" in each for each in account.warehouse.asked) >= 3


async def test_a_wrong_statement_says_what_is_wrong(account: Account) -> None:
    refused = await account.why(big.QUERY, {"sql": "SELECT * FROM `trips.nowhere.taxi`"})
    assert refused.startswith("query: ")
    assert "taxi" in refused
    refused = await account.why(big.QUERY, {"sql": "SELECT 1", "destinationTable": "taxi"})
    assert refused == "destinationTable: `taxi` must be a table as dataset.table or project.dataset.table"


async def test_a_job_is_tried_again_for_the_reasons_that_pass(account: Account) -> None:
    account.warehouse.failures[:] = [
        ("backendError", "try later"),
        ("invalid", "Could not serialize access to table due to concurrent update"),
    ]
    retry = {"interval": "PT0.01S"}
    got = await account.good(big.QUERY, {"sql": "SELECT 1 AS a", "fetchType": "FETCH", "retryAuto": retry})
    assert got["rows"] == [{"a": 1}]
    assert [level for level, text in account.bench.messages if "Try " in text] == ["WARN", "WARN"]
    account.warehouse.failures[:] = [("backendError", "try later")] * 3
    refused = await account.why(big.QUERY, {"sql": "SELECT 1", "retryAuto": {**retry, "maxAttempts": 2}})
    assert "try later" in refused
    account.warehouse.failures[:] = [("invalidQuery", "no")]
    assert "no" in await account.why(big.QUERY, {"sql": "SELECT 1", "retryAuto": retry})


async def test_a_result_goes_into_a_table(account: Account) -> None:
    await account.taxi()
    written = {
        "sql": "SELECT town FROM trips.taxi",
        "destinationTable": "trips.towns",
        "writeDisposition": "WRITE_TRUNCATE",
    }
    got = await account.good(big.QUERY, written)
    assert got["destinationTable"] == {"project": "trips", "dataset": "trips", "table": "towns"}
    assert account.warehouse.rows("SELECT count(*) FROM trips.towns") == [(2,)]


async def test_a_file_is_loaded(account: Account) -> None:
    await account.good(tables.CREATE_DATASET, {"name": "trips"})
    written = {**example(big.LOAD), "from": await account.file(CSV)}
    got = await account.good(big.LOAD, written)
    assert (got["destinationTable"], got["rows"]) == ("trips.trips.taxi", 2)
    await account.good(big.LOAD, {**written, "writeDisposition": "WRITE_APPEND"})
    assert account.warehouse.rows("SELECT count(*), sum(trips) FROM trips.taxi") == [(4, 10)]
    empty = {**written, "from": await account.file(b"")}
    assert "empty" in await account.why(big.LOAD, empty)
    assert await account.good(big.LOAD, {**empty, "failedOnEmpty": False}) == {}
    await account.file(CSV)
    assert "format: is needed" in await account.why(big.LOAD, {**written, "format": None})
    assert "fields" in await account.why(big.LOAD, {**written, "schema": {"columns": []}})


async def test_columns_of_a_load_may_be_said(account: Account) -> None:
    await account.good(tables.CREATE_DATASET, {"name": "trips"})
    fields = [{"name": "a", "type": "STRING"}, {"name": "b", "type": "INT64"}]
    written = {
        "from": await account.file(b"1;2\n"),
        "destinationTable": "trips.said",
        "format": "CSV",
        "csvOptions": {"fieldDelimiter": ";"},
        "schema": {"fields": fields},
    }
    await account.good(big.LOAD, written)
    assert account.warehouse.rows("SELECT a, b FROM trips.said") == [("1", 2)]


async def test_objects_are_loaded_and_tables_written_to_objects(account: Account) -> None:
    await account.good(tables.CREATE_DATASET, {"name": "trips"})
    account.bucket.blob("raw/new.csv").upload_from_string(CSV)
    got = await account.good(big.LOAD_FROM_GCS, example(big.LOAD_FROM_GCS))
    assert got["rows"] == 2
    got = await account.good(big.EXTRACT_TO_GCS, example(big.EXTRACT_TO_GCS))
    assert (got["sourceTable"], got["fileCounts"]) == ("trips.trips.taxi", [1])
    assert account.bucket.blob("taxi.csv").download_as_bytes().startswith(b"town,trips,left_at\nEms,2,")


async def test_tables_are_copied(account: Account) -> None:
    await account.taxi()
    got = await account.good(big.COPY, example(big.COPY))
    assert got["jobId"]
    assert account.warehouse.rows("SELECT count(*) FROM trips.archive") == [(2,)]
    again = {**example(big.COPY), "writeDisposition": "WRITE_EMPTY"}
    assert "Already Exists" in await account.why(big.COPY, again)


async def test_a_dataset_is_created_changed_and_deleted(account: Account) -> None:
    made = await account.good(tables.CREATE_DATASET, example(tables.CREATE_DATASET))
    assert made == {"dataset": "shop", "project": "trips", "location": "EU"}
    assert (await account.good(tables.CREATE_DATASET, example(tables.CREATE_DATASET)))["dataset"] == "shop"
    refused = await account.why(tables.CREATE_DATASET, {"name": "shop"})
    assert refused == "Dataset shop already exists and `ifExists` is ERROR"
    got = await account.good(tables.UPDATE_DATASET, example(tables.UPDATE_DATASET))
    assert got["description"] == "orders and customers"
    got = await account.good(
        tables.CREATE_DATASET, {"name": "shop", "ifExists": "UPDATE", "labels": {"a": "b"}}
    )
    assert got["description"] == "orders and customers"
    await account.good(tables.CREATE_TABLE, example(tables.CREATE_TABLE))
    assert "still in use" in await account.why(tables.DELETE_DATASET, {"name": "shop"})
    assert await account.good(tables.DELETE_DATASET, example(tables.DELETE_DATASET)) == {"dataset": "shop"}
    assert "Not found" in await account.why(tables.UPDATE_DATASET, {"name": "shop"})


async def test_a_table_is_created_changed_seen_and_deleted(account: Account) -> None:
    await account.good(tables.CREATE_DATASET, {"name": "shop"})
    made = await account.good(tables.CREATE_TABLE, example(tables.CREATE_TABLE))
    assert (made["datasetId"], made["table"], made["definition"]["type"]) == ("shop", "orders", "TABLE")
    got = await account.good(tables.UPDATE_TABLE, example(tables.UPDATE_TABLE))
    assert got["description"] == "orders of all shops"
    seen = await account.good(tables.TABLE_METADATA, example(tables.TABLE_METADATA))
    assert [each["name"] for each in seen["definition"]["schema"]["fields"]] == ["id", "town"]
    assert seen["creationTime"].endswith("Z")
    view = {
        "dataset": "shop",
        "table": "some",
        "tableDefinition": {"type": "VIEW", "viewDefinition": {"query": "SELECT id FROM shop.orders"}},
    }
    assert (await account.good(tables.CREATE_TABLE, view))["definition"]["type"] == "VIEW"
    gone = await account.good(tables.DELETE_TABLE, example(tables.DELETE_TABLE))
    assert gone == {"projectId": "trips", "datasetId": "shop", "table": "orders"}
    assert "Not found" in await account.why(tables.TABLE_METADATA, example(tables.TABLE_METADATA))
    assert (
        await account.good(tables.TABLE_METADATA, {**example(tables.TABLE_METADATA), "ifNotExists": "SKIP"})
        == {}
    )
    broken = {**view, "tableDefinition": {"type": "VIEW"}}
    assert await account.why(tables.CREATE_TABLE, broken) == "tableDefinition: VIEW needs `viewDefinition`"


async def test_parts_of_a_table_between_two_times(account: Account) -> None:
    await account.taxi()
    account.warehouse.partitions[:] = ["20251231", "20260101", "20260102", "20260201", "__NULL__"]
    part = {"dataset": "trips", "table": "taxi", "partitionType": "DAY"}
    copied = await account.good(
        tables.COPY_PARTITIONS,
        {
            **part,
            "from": "2026-01-01T12:00:00",
            "to": "2026-01-31T00:00:00",
            "destinationTable": "trips.january",
        },
    )
    assert copied["partitions"] == ["20260102"]
    gone = await account.good(
        tables.DELETE_PARTITIONS, {**part, "from": "2026-01-01T00:00:00", "to": "2026-02-01T00:00:00"}
    )
    assert gone["partitions"] == ["20260101", "20260102", "20260201"]
    assert account.warehouse.partitions == ["20251231", "__NULL__"]
    assert "must be a time" in await account.why(
        tables.DELETE_PARTITIONS, {**part, "from": "soon", "to": "later"}
    )
    none = {**part, "from": "2030-01-01T00:00:00", "to": "2030-01-02T00:00:00", "destinationTable": "trips.x"}
    assert "no such parts" in await account.why(tables.COPY_PARTITIONS, none)
    assert (await account.good(tables.COPY_PARTITIONS, {**none, "skipEmpty": True}))["partitions"] == []


async def test_without_a_sign_in_the_task_says_so(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    refused = await account.why(big.QUERY, {"sql": "SELECT 1"})
    assert refused.startswith("Google Cloud: File /nowhere/key.json was not found")


async def test_a_trigger_starts_whenever_its_query_gives_rows(account: Account) -> None:
    await account.taxi()
    sql = "SELECT town FROM trips.taxi WHERE town = '{}' ORDER BY town"
    polled = Polled(
        account.bench, big.TRIGGER, account.signed({"sql": sql.format("Rom"), "fetchType": "FETCH"})
    )
    assert await polled.found() == []
    polled = Polled(
        account.bench, big.TRIGGER, account.signed({"sql": sql.format("Ulm"), "fetchType": "FETCH"})
    )
    for _ in range(2):
        found = await polled.one()
        assert (found["rows"], found["size"]) == ([{"town": "Ulm"}], 1)
    polled = Polled(account.bench, big.TRIGGER, account.signed({"sql": "SELECT 1"}))
    assert await polled.why() == "fetchType: a trigger needs the rows: STORE, FETCH or FETCH_ONE"
    assert example(big.TRIGGER)["interval"] == "PT5M"
