"""Each type of a service: what it asks and what it gives, by a table; and what all of them do with a service that refuses."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.example import example
from tests.support.http_server import Give, Got, HttpServer, always, http_server
from tests.unit.toccata.plugins.families.notifications.support import VARIABLES, a_bench
from tests.unit.toccata.plugins.families.rest import (
    rows_hubspot,
    rows_runs,
    rows_search,
    rows_sync,
    rows_tickets,
)
from tests.unit.toccata.plugins.families.rest.table import Row
from toccata.plugin import TaskType
from toccata.plugins.families import rest

ROWS: list[Row] = [
    *rows_sync.ROWS,
    *rows_tickets.ROWS,
    *rows_search.ROWS,
    *rows_hubspot.ROWS,
    *rows_runs.ROWS,
]
ELSEWHERE = {"elasticsearch.Bulk", "elasticsearch.Load", "opensearch.Bulk", "opensearch.Load"}
"""They send lines; test_search has their tests."""
SECRETS = (
    "AIRBYTE", "FIVETRAN", "DBT", "HIGHTOUCH", "AIRFLOW", "SERVICENOW", "GITLAB", "GITHUB", "JIRA", "ZENDESK", "TODOIST", "TRELLO",
    "AIRTABLE", "SEARCH", "HUBSPOT", "APIFY", "JENKINS",
)  # fmt: skip


def declared() -> Iterator[str]:
    for module in pkgutil.iter_modules(rest.__path__):
        for each in vars(importlib.import_module(f"{rest.__name__}.{module.name}")).values():
            if isinstance(each, TaskType):
                yield each.name.removeprefix("io.kestra.plugin.")


def answering(answers: list[Give]) -> Any:
    """Gives them in their order, and the last one again and again."""
    left = iter(answers)
    last = answers[-1]
    return lambda _: next(left, last)


def written_for(row: Row, server: HttpServer) -> dict[str, Any]:
    return {**example(row.task_type, 0, {row.host: server.url}), **row.written}


def sent(got: Got, wanted: Any) -> Any:
    """JSON, or bytes where those are wanted."""
    if isinstance(wanted, bytes):
        return got.body
    return got.json() if got.body else None


def fits(value: Any, wanted: Any) -> bool:
    """A wanted URI says only where it is."""
    return value.startswith(wanted) if wanted == "kestra://" else bool(value == wanted)


def test_every_type_is_in_the_table() -> None:
    assert {row.name for row in ROWS} | ELSEWHERE == set(declared())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_it_asks_what_the_service_wants_and_gives_what_it_answers(tmp_path: Path, row: Row) -> None:
    async with http_server(answering(row.answers)) as server:
        bench = a_bench(tmp_path, **dict.fromkeys(SECRETS, "s3cret"))
        ended = await bench.run(row.task_type, written_for(row, server), variables=VARIABLES)
    assert ended.outcome == "succeeded", ended.message
    assert [(got.method, got.target) for got in server.got] == [
        (each.method, each.target) for each in row.asked
    ]
    for got, wanted in zip(server.got, row.asked, strict=True):
        assert sent(got, wanted.body) == wanted.body
        assert {name: got.headers.get(name) for name in wanted.headers} == wanted.headers
    assert set(ended.outputs) == set(row.outputs)
    assert all(fits(ended.outputs[name], wanted) for name, wanted in row.outputs.items()), ended.outputs
    allowed = row.task_type.outputs
    assert not ended.outputs or (allowed is not None and set(ended.outputs) <= set(allowed.model_fields))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_service_that_refuses_fails_the_task_and_no_secret_is_shown(tmp_path: Path, row: Row) -> None:
    async with http_server(always(Give(403, b"you may not"))) as server:
        bench = a_bench(tmp_path, **dict.fromkeys(SECRETS, "s3cret"))
        ended = await bench.run(row.task_type, written_for(row, server), variables=VARIABLES)
    assert ended.outcome == "failed"
    assert "response code '403' and body:\nyou may not" in ended.message
    assert "s3cret" not in ended.message + str(bench.messages)
    assert len(server.got) == 1


async def test_reading_is_repeated_and_changing_is_not(tmp_path: Path) -> None:
    tried: list[str] = []

    def busy_at_first(got: Got) -> Give:
        tried.append(got.method)
        return Give(503, b"busy") if len(tried) == 1 else Give(200, {"content": "x"})

    retry = {
        "retry": {"type": "constant", "interval": "PT0.01S", "maxAttempts": 2},
        "retryOnStatusCodes": [503],
    }
    by_name = {row.name: row for row in ROWS}
    async with http_server(busy_at_first) as server:
        bench = a_bench(tmp_path, TODOIST="k")
        row = by_name["todoist.GetTask"]
        ended = await bench.run(row.task_type, {**written_for(row, server), "options": retry})
        assert (ended.outcome, tried) == ("succeeded", ["GET", "GET"])
        tried.clear()
        ended = await bench.run(
            by_name["todoist.CreateTask"].task_type, written_for(by_name["todoist.CreateTask"], server)
        )
        assert (ended.outcome, tried) == ("failed", ["POST"])


async def test_an_answer_that_is_no_json_or_lacks_a_value_fails_with_it(tmp_path: Path) -> None:
    row = next(row for row in ROWS if row.name == "todoist.CreateTask")
    async with http_server(always(Give(200, b"<html>"))) as server:
        ended = await a_bench(tmp_path, TODOIST="k").run(row.task_type, written_for(row, server))
        assert "the answer is no JSON" in ended.message
        server.answer = always(Give(200, {"name": "x"}))
        ended = await a_bench(tmp_path, TODOIST="k").run(row.task_type, written_for(row, server))
        assert 'the service answers without `id`: {"name":"x"}' in ended.message
