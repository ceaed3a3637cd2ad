"""DuckDB and SQLite, for real, run by the worker's own runner."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.support.attempt import Bench, a_run
from tests.support.outcome import good, why
from toccata.plugin import TaskType
from toccata.plugins.families.jdbc import duckdb, sqlite
from toccata.plugins.families.jdbc.run.engine import carried_out
from toccata.plugins.families.jdbc.run.job import Done, Job, Login, Statements
from toccata.plugins.families.jdbc.run.session import Session
from toccata.rows.read import read_rows

BOTH = pytest.mark.parametrize(
    ("query", "queries"),
    [(duckdb.QUERY, duckdb.QUERIES), (sqlite.QUERY, sqlite.QUERIES)],
    ids=["duckdb", "sqlite"],
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    "task", [duckdb.QUERY, duckdb.QUERIES, sqlite.QUERY, sqlite.QUERIES], ids=lambda each: each.name
)
async def test_the_example_runs(bench: Bench, task: TaskType) -> None:
    written = yaml.safe_load(task.examples[0])
    assert (written.pop("id"), written.pop("type")) == ("query", task.name)
    outputs = good(await bench.run(task, written))
    if "outputs" in outputs:
        assert outputs["outputs"] == [{"rows": [{"a": 1}], "size": 1}, {"rows": [{"b": 2}], "size": 1}]
    else:
        assert (outputs["row"], outputs["size"]) == ({"answer": 1}, 1)


@BOTH
async def test_each_way_to_fetch(bench: Bench, query: TaskType, queries: TaskType) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n ORDER BY i"
    run = {"sql": sql}
    assert good(await bench.run(query, run)).keys() == {"outputFiles"}
    one = good(await bench.run(query, {**run, "fetchType": "FETCH_ONE"}))
    assert (one["row"], one["size"]) == ({"i": 1}, 1)
    assert good(await bench.run(query, {**run, "fetchOne": True}))["row"] == {"i": 1}
    all_rows = good(await bench.run(query, {**run, "fetchType": "FETCH", "fetchSize": 2}))
    assert (all_rows["rows"], all_rows["size"]) == ([{"i": 1}, {"i": 2}, {"i": 3}], 3)
    assert good(await bench.run(query, {**run, "fetch": True}))["size"] == 3
    stored = good(await bench.run(query, {**run, "fetchType": "STORE"}))
    assert (await bench.storage.get(stored["uri"]), stored["size"]) == (b'{"i":1}\n{"i":2}\n{"i":3}\n', 3)
    point = bench.points[-1]
    assert (point.name, point.value, point.tags) == ("fetch.size", 3, {"fetch": "false", "store": "true"})


@BOTH
async def test_no_row(bench: Bench, query: TaskType, queries: TaskType) -> None:
    outputs = good(await bench.run(query, {"sql": "SELECT 1 AS a WHERE 1 = 0", "fetchType": "FETCH_ONE"}))
    assert (outputs.get("row"), outputs["size"]) == (None, 0)
    stored = good(await bench.run(query, {"sql": "SELECT 1 AS a WHERE 1 = 0", "fetchType": "STORE"}))
    assert (await bench.storage.get(stored["uri"]), stored["size"]) == (b"", 0)


@BOTH
async def test_a_transaction_is_all_or_nothing(bench: Bench, query: TaskType, queries: TaskType) -> None:
    made = good(await bench.run(queries, {"sql": "CREATE TABLE t (a int)", "outputDbFile": True}))[
        "databaseUri"
    ]
    given = {"databaseUri" if query is duckdb.QUERY else "sqliteFile": made}
    file = bench.home / "kept.db"
    await bench.storage.download(made, file)
    scheme = query.name.split(".")[-2]
    url = {"url": f"jdbc:{scheme}:{file}"}
    wrong = "INSERT INTO t VALUES (1);\nSELECT * FROM nowhere"
    assert "statement 2 of 2 (line 2): " in await why(bench, queries, {**url, "sql": wrong})
    count = {"sql": "SELECT count(*) AS n FROM t", "fetchType": "FETCH_ONE"}
    assert good(await bench.run(query, {**url, **count}))["row"] == {"n": 0}
    assert await why(bench, queries, {**url, "sql": wrong, "transaction": False})
    assert good(await bench.run(query, {**url, **count}))["row"] == {"n": 1}
    assert good(await bench.run(query, {**given, **count}))["row"] == {"n": 0}  # the stored one is as it was


@BOTH
async def test_after_sql_sees_what_was_read_and_is_undone_with_it(
    bench: Bench, query: TaskType, queries: TaskType
) -> None:
    made = good(
        await bench.run(
            queries, {"sql": "CREATE TABLE t (a int); INSERT INTO t VALUES (1)", "outputDbFile": True}
        )
    )
    file = bench.home / "kept.db"
    await bench.storage.download(made["databaseUri"], file)
    url = {"url": f"jdbc:{query.name.split('.')[-2]}:{file}", "fetchType": "FETCH"}
    read = {**url, "sql": "SELECT a FROM t WHERE a > 0"}
    assert "afterSQL: " in await why(bench, query, {**read, "afterSQL": "UPDATE nowhere SET a = 0"})
    assert good(await bench.run(query, {**read, "afterSQL": "UPDATE t SET a = 0"}))["rows"] == [{"a": 1}]
    assert good(await bench.run(query, read))["rows"] == []


@BOTH
async def test_parameters(bench: Bench, query: TaskType, queries: TaskType) -> None:
    ended = await bench.run(
        query,
        {
            "sql": "SELECT :name AS name, ':name' AS text, :count + 1 AS n",
            "parameters": {"name": "{{ who }}", "count": 2},
            "fetchType": "FETCH_ONE",
        },
        variables={"who": "it's"},
    )
    assert good(ended)["row"] == {"name": "it's", "text": ":name", "n": 3}


@BOTH
@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"sql": "SELECT 1; SELECT 2"}, "sql: Query runs one statement, and here are 2: use Queries, the type beside it"),
        ({"sql": " ; -- nothing"}, "sql: there is no statement"),
        ({"sql": "SELECT * FROM nowhere"}, "nowhere"),
        ({"sql": "SELECT 1", "url": "jdbc:postgresql://h/d"}, "the url is for `postgresql`, which this task does not speak"),
        ({"sql": "SELECT 1", "timeZoneId": "Mars/North"}, "Mars/North"),
        ({"sql": "SELECT 1", "outputFiles": ["a.csv"]}, "outputFiles: the SQL did not write `a.csv`"),
        ({"sql": "SELECT 1", "outputFiles": ["../a"]}, "must be relative and stay in the working directory"),
    ],
)  # fmt: skip
async def test_what_fails_says_why(
    bench: Bench, query: TaskType, queries: TaskType, properties: Any, text: str
) -> None:
    assert text in await why(bench, query, properties)


async def test_a_relative_path_is_refused(bench: Bench) -> None:
    text = await why(bench, duckdb.QUERY, {"sql": "SELECT 1", "url": "jdbc:duckdb:my.db"})
    assert text == "url: the path `my.db` must be absolute, or left out for a new database"


async def test_a_missing_stored_database_fails_by_name(bench: Bench) -> None:
    uri = "kestra:///company/team/f/executions/e1/gone.db"
    assert uri in await why(bench, sqlite.QUERY, {"sql": "SELECT 1", "sqliteFile": uri})


async def test_types_of_duckdb(bench: Bench) -> None:
    sql = """SELECT {'a': 1, 'b': [1, 2]} AS s, '{"k": [1]}'::JSON AS j, TIMESTAMP '2024-01-01 10:00:00' AS naive,
      TIMESTAMPTZ '2024-01-01 10:00:00+02' AS zoned, DATE '2024-01-02' AS day, 1.50::DECIMAL(4, 2) AS exact,
      2.5::DOUBLE AS near, INTERVAL 36 HOUR AS span, '\\x00'::BLOB AS bytes, TIME '10:05:00' AS clock,
      170141183460469231731687303715884105727::HUGEINT AS huge, MAP {'x': 1} AS map, NULL AS nothing"""
    stored = good(
        await bench.run(duckdb.QUERY, {"sql": sql, "fetchType": "STORE", "timeZoneId": "Europe/Paris"})
    )
    assert (await bench.storage.get(stored["uri"])).decode() == (
        '{"s":{"a":1,"b":[1,2]},"j":{"k":[1]},"naive":2024-01-01T10:00:00+01:00,"zoned":2024-01-01T09:00:00+01:00,'
        '"day":2024-01-02,"exact":1.50,"near":2.5e0,"span":"P1DT43200S","bytes":{{AA==}},"clock":"10:05:00",'
        '"huge":"170141183460469231731687303715884105727","map":{"x":1},"nothing":null}\n'
    )


async def test_a_column_named_count_is_a_result(bench: Bench) -> None:
    run = {
        "sql": 'CREATE TABLE t (a int); INSERT INTO t VALUES (1); SELECT count(*) AS "Count" FROM t',
        "fetchType": "FETCH",
    }
    assert good(await bench.run(duckdb.QUERIES, run))["outputs"] == [{"rows": [{"Count": 1}], "size": 1}]


async def test_installing_what_is_part_of_the_library_needs_no_network(bench: Bench) -> None:
    run = {
        "sql": "INSTALL json; LOAD json; SELECT brand, round(avg(price), 2) AS price FROM read_json_auto('{{ workingDir }}/p.json') GROUP BY brand",
        "inputFiles": {"p.json": '[{"brand": "a", "price": 1}, {"brand": "a", "price": 2}]'},
        "fetchType": "STORE",
    }
    [found] = good(await bench.run(duckdb.QUERIES, run))["outputs"]
    assert await bench.storage.get(found["uri"]) == b'{"brand":"a","price":1.5e0}\n'


async def test_duckdb_reads_input_files_by_name_and_keeps_what_it_writes(bench: Bench) -> None:
    uri = await bench.storage.put("kestra:///company/team/f/executions/e1/in.csv", b"a\n1\n2\n")
    run = {
        "inputFiles": {"in.csv": uri},
        "outputFiles": ["sum.csv"],
        "sql": "COPY (SELECT sum(a) AS s FROM read_csv('in.csv')) TO '{{ outputFiles['sum.csv'] }}' (HEADER)",
    }
    outputs = good(await bench.run(duckdb.QUERY, run))
    assert await bench.storage.get(outputs["outputFiles"]["sum.csv"]) == b"s\n3\n"


async def test_a_stored_sqlite_database_is_one(bench: Bench) -> None:
    run = {"sql": "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'ü')", "outputDbFile": True}
    uri = good(await bench.run(sqlite.QUERIES, run))["databaseUri"]
    file = bench.home / "kept.db"
    await bench.storage.download(uri, file)
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT * FROM t").fetchall() == [(1, "ü")]


async def test_a_kill_ends_the_process_of_a_statement(bench: Bench) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    runner = bench.runner(sqlite.QUERY, a_run(sqlite.QUERY.name, {"sql": sql}))
    attempt = asyncio.create_task(runner.run())
    children = await its_children(bench)
    runner.stop("cancelled")
    attempt.cancel()
    assert b"cancelled" in await attempt
    assert not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in children)
    await runner.close()


async def its_children(bench: Bench) -> list[psutil.Process]:
    """Once there are some."""
    while not (found := sql_children(bench)):  # noqa: ASYNC110 - only polling shows a process
        await asyncio.sleep(0.02)
    return found


def sql_children(bench: Bench) -> list[psutil.Process]:
    found = []
    for each in psutil.Process().children(recursive=True):
        try:
            if each.environ().get("TOCCATA_WORKER") == str(bench.home):
                found.append(each)
        except psutil.Error:
            continue
    return found


async def test_a_timeout_ends_it_too(bench: Bench) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    ended = await bench.run(sqlite.QUERY, {"sql": sql}, timeout_template="PT1S")
    assert (ended.outcome, ended.message) == ("timed_out", "Timeout after PT1S")
    assert sql_children(bench) == []


async def test_a_crash_of_the_library_fails_the_task_and_not_the_worker(bench: Bench) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    runner = bench.runner(sqlite.QUERY, a_run(sqlite.QUERY.name, {"sql": sql}))
    attempt = asyncio.create_task(runner.run())
    children = await its_children(bench)
    for child in children:
        child.send_signal(11)
    answer = await attempt
    assert b"the process of the task's library ended by signal SIGSEGV" in answer
    await runner.close()


def test_too_many_rows_for_outputs_are_refused(tmp_path: Path) -> None:
    sql = "SELECT repeat('x', 1000) AS a FROM range(20000)"
    with pytest.raises(Exception, match="too much for outputs: use fetchType STORE"):
        run_job(tmp_path, Statements(sql=sql, many=False, fetch="FETCH"))


def test_stored_rows_keep_their_number(tmp_path: Path) -> None:
    done = run_job(
        tmp_path, Statements(sql="SELECT i FROM range(25000) r(i)", many=False, fetch="STORE", fetch_size=7)
    )
    assert done.fetched[0].size == 25_000
    assert sum(row["i"] for row in read_rows(Path(done.fetched[0].path or ""))) == 25_000 * 24_999 // 2


def run_job(folder: Path, work: Statements) -> Done:
    login = Login(database="duckdb", url="jdbc:duckdb:", options={"file": ":memory:"}, directory=str(folder))
    return carried_out(Job(login=login, work=work), Session())
