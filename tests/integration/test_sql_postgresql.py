"""``jdbc.postgresql`` against a real server, run by the worker's own runner."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import yaml

from tests.support.attempt import Bench, a_run
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType
from toccata.plugins.families.jdbc.postgresql import BATCH, COPY_IN, COPY_OUT, QUERIES, QUERY, TRIGGER

pytestmark = pytest.mark.servers
PLACE = "kestra:///company/team/f/executions/e1/"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def login(postgres: str) -> dict[str, Any]:
    at = urlsplit(postgres)
    return {
        "url": f"jdbc:postgresql://{at.hostname}:{at.port}{at.path}",
        "username": at.username,
        "password": at.password,
    }


async def rows(bench: Bench, login: dict[str, Any], sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = good(await bench.run(QUERY, {**login, "sql": sql, "fetchType": "FETCH"}))[
        "rows"
    ]
    return found


async def a_file(bench: Bench, content: str) -> str:
    return await bench.storage.put(f"{PLACE}inputs/{secrets.token_hex(4)}.txt", content.encode())


@pytest.mark.parametrize(
    "task", [QUERY, QUERIES, BATCH, COPY_IN, COPY_OUT], ids=lambda each: each.name.split(".")[-1]
)
async def test_the_example_runs(bench: Bench, login: dict[str, Any], task: TaskType) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE trips (id int, distance numeric)"})
    written = {**yaml.safe_load(task.examples[0]), **login}
    if task is BATCH:
        written["from"] = await a_file(bench, '{"id":1,"distance":2.5}\n')
    if task is COPY_IN:
        written["from"] = await a_file(bench, "id,distance\n1,2.5\n")
    written.pop("id"), written.pop("type")
    outputs = good(await bench.run(task, written))
    if task in {BATCH, COPY_IN}:
        assert outputs["rowCount"] == 1
        assert await rows(bench, login, "SELECT * FROM trips") == [{"id": 1, "distance": 2.5}]


async def test_types_are_kept(bench: Bench, login: dict[str, Any]) -> None:
    sql = """SELECT 1::smallint AS small, 2::bigint AS big, 1.50::numeric AS exact, 12345678901234567890123::numeric AS long,
      2.5::float8 AS near, 'NaN'::float8 AS none, 'ü'::text AS text, true AS yes, NULL AS nothing, '\\x00ff'::bytea AS bytes,
      date '2024-01-02' AS day, timestamp '2024-01-02 03:04:05.5' AS local, timestamptz '2024-01-02 03:04:05+02' AS zoned,
      interval '1 year 2 mons 3 days 4 hours' AS span, '{"a":[1,null]}'::jsonb AS map, array[[1,2],[3,4]] AS list,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS id, inet '10.0.0.1' AS address, time '10:05' AS clock, int4range(1,5) AS range"""
    stored = good(
        await bench.run(QUERY, {**login, "sql": sql, "fetchType": "STORE", "timeZoneId": "Europe/Paris"})
    )
    assert (await bench.storage.get(stored["uri"])).decode() == (
        '{"small":1,"big":2,"exact":1.50,"long":12345678901234567890123d0,"near":2.5e0,"none":nan,"text":"ü","yes":true,'
        '"nothing":null,"bytes":{{AP8=}},"day":2024-01-02,"local":2024-01-02T03:04:05.500000-00:00,'
        '"zoned":2024-01-02T02:04:05+01:00,"span":"P1Y2M3DT4H","map":{"a":[1,null]},"list":[[1,2],[3,4]],'
        '"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","address":"10.0.0.1","clock":"10:05:00","range":"[1,5)"}\n'
    )
    one = good(await bench.run(QUERY, {**login, "sql": sql, "fetchType": "FETCH_ONE"}))["row"]
    assert (one["local"], one["zoned"], one["none"]) == (
        "2024-01-02T03:04:05.500000",
        "2024-01-02T01:04:05Z",
        "NaN",
    )


async def test_statements_without_rows_give_no_output(bench: Bench, login: dict[str, Any]) -> None:
    script = "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t; SELECT 1 WHERE false; SELECT 3 AS c"
    assert good(await bench.run(QUERIES, {**login, "sql": script, "fetchType": "FETCH"}))["outputs"] == [
        {"rows": [{"a": 1}, {"a": 2}], "size": 2},
        {"rows": [], "size": 0},
        {"rows": [{"c": 3}], "size": 1},
    ]
    assert good(await bench.run(QUERIES, {**login, "sql": "SELECT 1; SELECT 2"}))["outputs"] == [{}, {}]


async def test_a_transaction_is_all_or_nothing(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int)"})
    wrong = {**login, "sql": "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES ('x')"}
    message = await why(bench, QUERIES, wrong)
    assert message.startswith('statement 2 of 2 (line 2): invalid input syntax for type integer: "x"')
    assert message.endswith("(SQLSTATE 22P02)")
    assert await rows(bench, login, "SELECT * FROM t") == []
    await why(bench, QUERIES, {**wrong, "transaction": False})
    assert await rows(bench, login, "SELECT * FROM t") == [{"a": 1}]


async def test_a_query_that_no_transaction_may_hold(bench: Bench, login: dict[str, Any]) -> None:
    assert good(await bench.run(QUERY, {**login, "sql": "VACUUM"})) == {}


async def test_after_sql_belongs_to_the_transaction(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(
        QUERIES, {**login, "sql": "CREATE TABLE t (a int, done bool); INSERT INTO t VALUES (1, false)"}
    )
    read = {**login, "sql": "SELECT a FROM t WHERE NOT done FOR UPDATE", "fetchType": "FETCH"}
    await why(bench, QUERY, {**read, "afterSQL": "UPDATE nowhere SET a = 1"})
    assert good(await bench.run(QUERY, {**read, "afterSQL": "UPDATE t SET done = true"}))["rows"] == [
        {"a": 1}
    ]
    assert good(await bench.run(QUERY, read))["rows"] == []


async def test_parameters_and_casts(bench: Bench, login: dict[str, Any]) -> None:
    run = {
        **login,
        "sql": "SELECT :a::int + :b AS s, ':a' AS t",
        "parameters": {"a": "1", "b": 2},
        "fetchType": "FETCH_ONE",
    }
    assert good(await bench.run(QUERY, run))["row"] == {"s": 3, "t": ":a"}


async def test_options_of_the_url(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERIES, {**login, "sql": "CREATE SCHEMA other; CREATE TABLE other.t (a int)"})
    url = login["url"] + "?currentSchema=other&ApplicationName=mine&prepareThreshold=0&nonsense=1"
    run = {
        **login,
        "url": url,
        "sql": "SELECT current_setting('application_name') AS n FROM (SELECT count(*) FROM t) c",
        "fetchType": "FETCH_ONE",
    }
    assert good(await bench.run(QUERY, run))["row"] == {"n": "mine"}
    assert ("INFO", "the url's option `nonsense` means nothing here and is not used") in bench.messages


async def test_what_the_server_says_is_logged(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "DO $$ BEGIN RAISE NOTICE 'loaded %', 3; END $$"})
    assert ("INFO", "NOTICE: loaded 3") in bench.messages


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"sql": "SELEC 1"}, 'syntax error at or near "SELEC"'),
        ({"sql": "SELECT * FROM nowhere"}, 'relation "nowhere" does not exist'),
        ({"password": "wrong"}, 'password authentication failed for user "'),
        ({"url": "jdbc:postgresql://127.0.0.1:1/x"}, "cannot connect to PostgreSQL at 127.0.0.1:1/x: "),
        (
            {"url": "jdbc:postgresql://nowhere.invalid/x"},
            "cannot connect to PostgreSQL at nowhere.invalid/x: ",
        ),
        ({"url": "jdbc:mysql://127.0.0.1/x"}, "the url is for `mysql`, which this task does not speak"),
        ({"sslMode": "REQUIRE"}, "server does not support SSL"),
        ({"timeZoneId": "Mars/North"}, "timeZoneId `Mars/North` is no time zone"),
    ],
)
async def test_what_fails_says_why(
    bench: Bench, login: dict[str, Any], change: dict[str, Any], text: str
) -> None:
    assert text in await why(bench, QUERY, {**login, "sql": "SELECT 1", **change})


async def test_the_password_is_in_no_message(bench: Bench, login: dict[str, Any]) -> None:
    message = await why(bench, QUERY, {**login, "password": "planted-word", "sql": "SELECT 1"})
    assert "planted-word" not in message + str(bench.messages)


async def running(postgres: str, mark: str) -> int:
    connection = await asyncpg.connect(postgres)
    try:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1",
            f"%{mark}%",
        )
        return count
    finally:
        await connection.close()


async def test_a_kill_cancels_the_statement_on_the_server(
    bench: Bench, login: dict[str, Any], postgres: str
) -> None:
    runner = bench.runner(QUERY, a_run(QUERY.name, {**login, "sql": "SELECT pg_sleep(600) /* slow-one */"}))
    attempt = asyncio.create_task(runner.run())
    while await running(postgres, "slow-one") == 0:  # noqa: ASYNC110 - only the server knows
        await asyncio.sleep(0.05)
    runner.stop("cancelled")
    attempt.cancel()
    assert b"cancelled" in await attempt
    assert await running(postgres, "slow-one") == 0
    await runner.close()


async def test_a_timeout_cancels_it_too(bench: Bench, login: dict[str, Any], postgres: str) -> None:
    ended = await bench.run(
        QUERY, {**login, "sql": "SELECT pg_sleep(600) /* late-one */"}, timeout_template="PT1S"
    )
    assert (ended.outcome, ended.message) == ("timed_out", "Timeout after PT1S")
    assert await running(postgres, "late-one") == 0


async def test_batch_fills_columns_of_any_type(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(
        QUERY,
        {
            **login,
            "sql": "CREATE TABLE t (a int, b text, c timestamptz, d jsonb, e int[], f bytea, g numeric)",
        },
    )
    source = await a_file(
        bench,
        '{"a":"1","b":2,"c":2024-01-02T03:04:05Z,"d":{"k":[1]},"e":[1,null],"f":{{AP8=}},"g":1.50}\n{"a":2}\n',
    )
    outputs = good(await bench.run(BATCH, {**login, "from": source, "table": "t"}))
    assert outputs == {"rowCount": 2, "updatedCount": 2}
    found = await rows(bench, login, "SELECT * FROM t ORDER BY a")
    assert found[0] == {
        "a": 1,
        "b": "2",
        "c": "2024-01-02T03:04:05Z",
        "d": {"k": [1]},
        "e": [1, None],
        "f": "AP8=",
        "g": 1.5,
    }
    assert {name: value for name, value in found[1].items() if value is not None} == {"a": 2}


async def test_batch_with_sql_takes_values_in_the_order_of_keys_or_columns(
    bench: Bench, login: dict[str, Any]
) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int PRIMARY KEY, b text)"})
    sql = "INSERT INTO t VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b || '?'"
    await bench.run(BATCH, {**login, "from": await a_file(bench, '{"x":1,"y":"u"}\n[2,"v"]\n'), "sql": sql})
    await bench.run(
        BATCH, {**login, "from": await a_file(bench, '{"y":"w","x":1}\n'), "sql": sql, "columns": ["x", "y"]}
    )
    assert await rows(bench, login, "SELECT * FROM t ORDER BY a") == [{"a": 1, "b": "w?"}, {"a": 2, "b": "v"}]


async def test_batch_commits_each_chunk_and_names_the_rows_that_fail(
    bench: Bench, login: dict[str, Any]
) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int)"})
    source = await a_file(bench, "".join(f'{{"a":{each}}}\n' for each in ["1", "2", "3", '"x"', "5"]))
    message = await why(bench, BATCH, {**login, "from": source, "table": "t", "chunk": 2})
    assert message.startswith("rows 3 to 4: invalid input syntax for type integer")
    assert await rows(bench, login, "SELECT a FROM t ORDER BY a") == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "change", "text"),
    [
        (
            '{"a":1,"b":2}\n',
            {"sql": "INSERT INTO t VALUES (?)"},
            "from: row 1 has 2 values, and the statement has 1 placeholders",
        ),
        ("7\n", {"table": "t"}, "from: row 1 is a int: each row must be a map or a list"),
        ('{"a":\n', {"table": "t"}, "from: the file is not Ion from line 1 on"),
        ('{"a":1}\n', {}, "one of `sql` and `table` is needed"),
        ('{"a":1}\n', {"table": "nowhere"}, 'relation "nowhere" does not exist'),
    ],
)
async def test_batch_refuses_what_does_not_fit(
    bench: Bench, login: dict[str, Any], content: str, change: Any, text: str
) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int)"})
    assert text in await why(bench, BATCH, {**login, "from": await a_file(bench, content), **change})


async def test_a_broken_connection_is_retried_from_the_last_commit(
    bench: Bench, login: dict[str, Any], postgres: str
) -> None:
    """A trigger of the table ends its own backend, once."""
    await bench.run(
        QUERIES,
        {
            **login,
            "sql": """CREATE TABLE t (a int); CREATE SEQUENCE broken;
              CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.a = 3 AND nextval('broken') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NEW; END $$;
              CREATE TRIGGER breaks BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION break()""",
        },
    )
    source = await a_file(bench, "".join(f'{{"a":{each}}}\n' for each in range(1, 6)))
    run = {**login, "from": source, "table": "t", "chunk": 2, "retryBackoff": "PT0.01S"}
    assert (await why(bench, BATCH, run)).startswith("rows 3 to 4: ")
    await bench.run(QUERIES, {**login, "sql": "TRUNCATE t; ALTER SEQUENCE broken RESTART"})
    assert good(await bench.run(BATCH, {**run, "retryScope": "ALL"})) == {"rowCount": 5, "updatedCount": 5}
    assert await rows(bench, login, "SELECT a FROM t ORDER BY a") == [{"a": each} for each in range(1, 6)]


async def test_copy_in_reads_csv_with_a_header_and_some_columns(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (id serial, a text, b int)"})
    source = await a_file(bench, 'b;a\n1;"x;y"\n2;~\n')
    run = {
        **login,
        "from": source,
        "table": "t",
        "columns": ["b", "a"],
        "format": "CSV",
        "header": True,
        "delimiter": ";",
        "nullString": "~",
    }
    assert good(await bench.run(COPY_IN, run)) == {"rowCount": 2}
    assert await rows(bench, login, "SELECT a, b FROM t ORDER BY id") == [
        {"a": "x;y", "b": 1},
        {"a": None, "b": 2},
    ]
    assert (bench.points[0].name, bench.points[0].value) == ("rows", 2)


async def test_copy_in_names_the_line_that_does_not_fit(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE t (a int)"})
    message = await why(bench, COPY_IN, {**login, "from": await a_file(bench, "1\nx\n"), "table": "t"})
    assert 'invalid input syntax for type integer: "x"' in message
    assert "COPY t, line 2, column a" in message
    assert await rows(bench, login, "SELECT * FROM t") == []


@pytest.mark.parametrize("kind", ["TEXT", "CSV", "BINARY"])
async def test_what_copy_out_writes_copy_in_reads(bench: Bench, login: dict[str, Any], kind: str) -> None:
    script = "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, E'x\\ty\"z\\n'), (2, NULL); CREATE TABLE u (LIKE t)"
    await bench.run(QUERIES, {**login, "sql": script})
    out = good(await bench.run(COPY_OUT, {**login, "table": "t", "format": kind}))
    assert out["rowCount"] == 2
    await bench.run(COPY_IN, {**login, "from": out["uri"], "table": "u", "format": kind})
    assert await rows(bench, login, "SELECT * FROM u ORDER BY a") == await rows(
        bench, login, "SELECT * FROM t ORDER BY a"
    )


async def test_copy_needs_one_source(bench: Bench, login: dict[str, Any]) -> None:
    assert await why(bench, COPY_OUT, login) == "exactly one of `table` and `sql` is needed"
    assert (
        await why(bench, COPY_IN, {**login, "from": await a_file(bench, "")})
        == "table: the table to load is needed"
    )


async def test_a_trigger_finds_rows_and_marks_them(bench: Bench, login: dict[str, Any]) -> None:
    await bench.run(QUERY, {**login, "sql": "CREATE TABLE jobs (id int, done boolean DEFAULT false)"})
    asked = {"sql": "SELECT id FROM jobs WHERE NOT done ORDER BY id", "fetchType": "FETCH"}
    polled = Polled(bench, TRIGGER, {**login, **asked, "afterSQL": "UPDATE jobs SET done = true"})
    assert await polled.found() == []
    await bench.run(QUERY, {**login, "sql": "INSERT INTO jobs (id) VALUES (1), (2)"}, number=2)
    found = await polled.one()
    assert (found["rows"], found["size"]) == ([{"id": 1}, {"id": 2}], 2)
    assert await polled.found() == []
