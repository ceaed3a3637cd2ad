"""``jdbc.mysql`` and ``jdbc.mariadb`` against a real server: TOCCATA_TEST_MYSQL=mysql://user:password@host:port, whose user may create
databases, and which allows LOAD DATA LOCAL. No package of ours has one, so without the variable the tests are skipped."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymysql
import pytest
import yaml

from tests.support.attempt import Bench, a_run
from tests.support.outcome import good, why
from toccata.plugin import TaskType
from toccata.plugins.families.jdbc.mysql import BATCH, MARIADB_QUERIES, MARIADB_QUERY, QUERIES, QUERY

ADDRESS = os.environ.get("TOCCATA_TEST_MYSQL", "")
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not ADDRESS, reason="TOCCATA_TEST_MYSQL names no MySQL or MariaDB server"),
]
PLACE = "kestra:///company/team/f/executions/e1/"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def login() -> Iterator[dict[str, Any]]:
    at, name = urlsplit(ADDRESS), f"test_{secrets.token_hex(6)}"
    user, password = at.username or "root", at.password or ""
    with pymysql.connect(host=at.hostname, port=at.port or 3306, user=user, password=password) as connection:
        connection.cursor().execute(f"CREATE DATABASE {name}")
        yield {"url": f"jdbc:mysql://{at.hostname}:{at.port}/{name}", "username": user, "password": password}
        connection.cursor().execute(f"DROP DATABASE {name}")


async def rows(bench: Bench, login: dict[str, Any], sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = good(await bench.run(QUERY, {**login, "sql": sql, "fetchType": "FETCH"}))[
        "rows"
    ]
    return found


async def a_file(bench: Bench, content: str) -> str:
    return await bench.storage.put(f"{PLACE}inputs/{secrets.token_hex(4)}.txt", content.encode())


@pytest.mark.parametrize(
    "task", [QUERY, QUERIES, BATCH, MARIADB_QUERY, MARIADB_QUERIES], ids=lambda each: each.name
)
async def test_the_example_runs(bench: Bench, login: dict[str, Any], task: TaskType) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE trips (id int, distance double)"})
    written = {**yaml.safe_load(task.examples[0]), **login}
    if task.name.split(".")[-2] == "mariadb":
        written["url"] = login["url"].replace("jdbc:mysql:", "jdbc:mariadb:")
    if task is BATCH:
        written["from"] = await a_file(bench, '{"id":1,"distance":2.5e0}\n')
    written.pop("id"), written.pop("type")
    good(await bench.run(task, written))


async def test_types_are_kept(bench: Bench, login: dict[str, Any]) -> None:
    script = """CREATE TABLE t (i int, yes tinyint(1), exact decimal(10,2), near double, text text, local datetime(3),
      moment timestamp NULL, day date, span time, bytes blob, bit bit(1), big bigint unsigned, none int);
      INSERT INTO t VALUES (1, true, 1.50, 2.5, 'ü', '2024-01-02 03:04:05.5', '2024-01-02 03:04:05', '2024-01-02', '26:00:01',
        x'00ff', b'1', 18446744073709551615, NULL)"""
    good(await bench.run(QUERIES, {**login, "sql": script}))
    run = {**login, "sql": "SELECT * FROM t", "fetchType": "STORE", "timeZoneId": "Europe/Paris"}
    stored = good(await bench.run(QUERY, run))
    assert (await bench.storage.get(stored["uri"])).decode() == (
        '{"i":1,"yes":true,"exact":1.50,"near":2.5e0,"text":"ü","local":2024-01-02T03:04:05.500000+01:00,'
        '"moment":2024-01-02T03:04:05Z,"day":2024-01-02,"span":"26:00:01","bytes":{{AP8=}},"bit":true,'
        '"big":"18446744073709551615","none":null}\n'
    )


async def test_a_transaction_is_all_or_nothing(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int)"})
    wrong = {**login, "sql": "INSERT INTO t VALUES (1);\nSELECT * FROM nowhere"}
    assert (await why(bench, QUERIES, wrong)).startswith("statement 2 of 2 (line 2): Table '")
    assert await rows(bench, login, "SELECT * FROM t") == []
    await why(bench, QUERIES, {**wrong, "transaction": False})
    assert await rows(bench, login, "SELECT * FROM t") == [{"a": 1}]


async def test_several_statements_where_the_url_allows_them(bench: Bench, login: dict[str, Any]) -> None:
    run = {**login, "sql": "SELECT 1; SELECT 'it\\'s;' AS x # a remark;\n", "fetchType": "FETCH"}
    assert "use Queries" in await why(bench, QUERY, run)
    allowed = {**run, "url": login["url"] + "?allowMultiQueries=true"}
    assert good(await bench.run(QUERY, allowed))["rows"] == [{"x": "it's;"}]


async def test_parameters(bench: Bench, login: dict[str, Any]) -> None:
    run = {
        **login,
        "sql": "SELECT :a AS a, '10%' AS b",
        "parameters": {"a": "it's"},
        "fetchType": "FETCH_ONE",
    }
    assert good(await bench.run(QUERY, run))["row"] == {"a": "it's", "b": "10%"}


async def test_batch(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int, b text, c datetime)"})
    source = await a_file(bench, '{"a":"1","b":{"k":[1]},"c":2024-01-02T03:04:05+01:00}\n{"a":2}\n')
    assert good(await bench.run(BATCH, {**login, "from": source, "table": "t"})) == {
        "rowCount": 2,
        "updatedCount": 2,
    }
    found = await rows(bench, {**login, "timeZoneId": "UTC"}, "SELECT * FROM t ORDER BY a")
    assert found[0] == {"a": 1, "b": '{"k": [1]}', "c": "2024-01-02T02:04:05Z"}


async def test_a_file_is_loaded_and_no_other(bench: Bench, login: dict[str, Any], tmp_path: Path) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int, b text)"})
    load = "LOAD DATA LOCAL INFILE '{}' INTO TABLE t FIELDS TERMINATED BY ','"
    source = await a_file(bench, "1,x\n2,y\n")
    good(await bench.run(QUERY, {**login, "sql": load.format("{{ inputFile }}"), "inputFile": source}))
    assert await rows(bench, login, "SELECT * FROM t ORDER BY a") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    other = tmp_path / "secret"
    other.write_text("9,planted\n")
    message = await why(bench, QUERY, {**login, "sql": load.format(other), "inputFile": source})
    assert message.startswith(f"LOAD DATA LOCAL asks for `{other}`: only the file of `inputFile`")
    await why(bench, QUERY, {**login, "sql": load.format(other)})
    assert len(await rows(bench, login, "SELECT * FROM t")) == 2


async def test_a_kill_cancels_the_statement_on_the_server(bench: Bench, login: dict[str, Any]) -> None:
    async def running() -> bool:
        found = await rows(
            bench, login, "SELECT info FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'"
        )
        return bool(found)

    runner = bench.runner(QUERY, a_run(QUERY.name, {**login, "sql": "SELECT SLEEP(600)"}))
    attempt = asyncio.create_task(runner.run())
    while not await running():  # noqa: ASYNC110 - only the server knows
        await asyncio.sleep(0.05)
    runner.stop("cancelled")
    attempt.cancel()
    assert b"cancelled" in await attempt
    assert not await running()
    await runner.close()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"sql": "SELEC 1"}, "You have an error in your SQL syntax"),
        ({"password": "wrong"}, "Access denied for user"),
        (
            {"url": "jdbc:mysql://127.0.0.1:1/x"},
            "cannot connect to MySQL at 127.0.0.1:1/x: Can't connect to MySQL server",
        ),
    ],
)
async def test_what_fails_says_why(
    bench: Bench, login: dict[str, Any], change: dict[str, Any], text: str
) -> None:
    assert text in await why(bench, QUERY, {**login, "sql": "SELECT 1", **change})
