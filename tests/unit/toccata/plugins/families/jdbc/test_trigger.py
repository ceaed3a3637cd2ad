"""Triggers of DuckDB and SQLite, for real, polled by the worker's own runner."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.attempt import Bench
from tests.support.polled import Polled
from toccata.plugin import TriggerType
from toccata.plugins.families.jdbc import duckdb, mysql, postgresql, sqlite

BOTH = pytest.mark.parametrize("trigger", [duckdb.TRIGGER, sqlite.TRIGGER], ids=["duckdb", "sqlite"])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@BOTH
async def test_the_example_finds_its_row(bench: Bench, trigger: TriggerType) -> None:
    written = yaml.safe_load(trigger.examples[0])
    assert (written.pop("id"), written.pop("type")) == ("rows", trigger.name)
    found = await Polled(bench, trigger, written).one()
    assert (found["rows"], found["size"]) == ([{"answer": 1}], 1)


@BOTH
@pytest.mark.parametrize(
    ("fetch", "expected"),
    [
        ("FETCH", {"rows": [{"a": 1}, {"a": 2}], "size": 2}),
        ("FETCH_ONE", {"row": {"a": 1}, "size": 1}),
        ("STORE", {"size": 2}),
    ],
)
async def test_each_way_to_fetch(
    bench: Bench, trigger: TriggerType, fetch: str, expected: dict[str, Any]
) -> None:
    sql = "SELECT 1 AS a UNION ALL SELECT 2 ORDER BY a"
    found = dict(await Polled(bench, trigger, {"sql": sql, "fetchType": fetch}).one())
    assert found.pop("outputFiles") == {}
    uri = found.pop("uri", None)
    assert found == expected
    if fetch == "STORE":
        assert uri is not None
        assert await bench.storage.get(uri) == b'{"a":1}\n{"a":2}\n'


@BOTH
@pytest.mark.parametrize("fetch", ["FETCH", "FETCH_ONE", "STORE"])
async def test_no_row_is_no_event(bench: Bench, trigger: TriggerType, fetch: str) -> None:
    written = {"sql": "SELECT 1 AS a WHERE 1 = 0", "fetchType": fetch}
    assert await Polled(bench, trigger, written).found() == []


@BOTH
async def test_without_a_way_to_fetch_there_is_no_event(bench: Bench, trigger: TriggerType) -> None:
    assert await Polled(bench, trigger, {"sql": "SELECT 1 AS a"}).found() == []


async def test_rows_are_marked_in_the_same_transaction(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE jobs (name TEXT, done INTEGER DEFAULT 0)")
    database.execute("INSERT INTO jobs (name) VALUES ('a'), ('b')")
    database.commit()
    written = {
        "url": f"jdbc:sqlite:{path}",
        "sql": "SELECT name FROM jobs WHERE done = 0 ORDER BY name",
        "afterSQL": "UPDATE jobs SET done = 1",
        "fetchType": "FETCH",
    }
    polled = Polled(bench, sqlite.TRIGGER, written)
    assert (await polled.one())["rows"] == [{"name": "a"}, {"name": "b"}]
    assert await polled.found() == []
    database.execute("INSERT INTO jobs (name) VALUES ('c')")
    database.commit()
    assert (await polled.one())["rows"] == [{"name": "c"}]


@BOTH
async def test_wrong_sql_is_a_failure_with_the_databases_words(bench: Bench, trigger: TriggerType) -> None:
    message = await Polled(bench, trigger, {"sql": "SELECT FROM", "fetchType": "FETCH"}).why()
    assert "syntax" in message.lower()


def test_every_database_with_queries_has_a_trigger() -> None:
    found = [
        postgresql.TRIGGER,
        mysql.TRIGGER,
        mysql.MARIADB_TRIGGER,
        duckdb.TRIGGER,
        sqlite.TRIGGER,
    ]
    assert [each.name.split(".")[-2] for each in found] == [
        "postgresql",
        "mysql",
        "mariadb",
        "duckdb",
        "sqlite",
    ]
    assert all(each.problem() is None for each in found)
