"""Many operations at once, and what a cluster says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.http_server import Give, always, http_server
from tests.unit.toccata.plugins.families.notifications.support import a_bench
from toccata.plugin import TaskType
from toccata.plugins.families.rest import search

FINE = Give(200, {"errors": False, "items": []})
FILE = "kestra:///company/team/f/executions/e1/rows.ion"


async def sent(
    folder: Path, task_type: TaskType, content: bytes, give: Give = FINE, **written: Any
) -> tuple[Any, list[bytes]]:
    bench = a_bench(folder)
    await bench.storage.put(FILE, content)
    async with http_server(always(give)) as server:
        connection = {"hosts": [server.url], "pathPrefix": "/prefix", "headers": ["Authorization: ApiKey k"]}
        ended = await bench.run(task_type, {"connection": connection, "from": FILE, **written})
    for got in server.got:
        assert (got.method, got.path) == ("POST", "/prefix/_bulk")
        assert (got.headers["content-type"], got.headers["authorization"]) == (
            "application/x-ndjson",
            "ApiKey k",
        )
    return ended, [got.body for got in server.got]


@pytest.mark.parametrize("task_type", [search.ELASTIC_LOAD, search.OPEN_LOAD], ids=["elastic", "open"])
async def test_rows_become_documents_in_chunks(tmp_path: Path, task_type: TaskType) -> None:
    content = b'{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n{"id": 3, "name": "c"}\n'
    ended, bodies = await sent(tmp_path, task_type, content, index="orders", idKey="id", chunk=2)
    assert ended.outputs == {"size": 3}
    assert bodies == [
        b'{"index":{"_index":"orders","_id":"1"}}\n{"name":"a"}\n{"index":{"_index":"orders","_id":"2"}}\n{"name":"b"}\n',
        b'{"index":{"_index":"orders","_id":"3"}}\n{"name":"c"}\n',
    ]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("CREATE", b'{"create":{"_index":"o","_id":"1"}}\n{"id":1,"n":"a"}\n'),
        ("UPDATE", b'{"update":{"_index":"o","_id":"1"}}\n{"doc":{"id":1,"n":"a"},"doc_as_upsert":true}\n'),
        ("DELETE", b'{"delete":{"_index":"o","_id":"1"}}\n'),
    ],
)
async def test_rows_may_also_change_and_remove_documents(tmp_path: Path, kind: str, wanted: bytes) -> None:
    written: dict[str, Any] = {"index": "o", "idKey": "id", "removeIdKey": False, "opType": kind}
    ended, bodies = await sent(tmp_path, search.ELASTIC_LOAD, b'{"id": 1, "n": "a"}\n', **written)
    assert (ended.outputs, bodies) == ({"size": 1}, [wanted])
    ended, bodies = await sent(tmp_path, search.ELASTIC_LOAD, b'{"n": "a"}\n', **written)
    assert (ended.message, bodies) == ("idKey: a row has no `id`", [])


@pytest.mark.parametrize("task_type", [search.ELASTIC_BULK, search.OPEN_BULK], ids=["elastic", "open"])
async def test_operations_of_a_file_are_carried_out(tmp_path: Path, task_type: TaskType) -> None:
    content = (
        b'{"index": {"_index": "o", "_id": "1"}}\n{"n": "a"}\n{"delete": {"_index": "o", "_id": "2"}}\n'
        b'{"update": {"_index": "o", "_id": "3"}}\n{"n": "c"}\n{"update": {"_index": "o", "_id": "4"}}\n{"doc": {"n": "d"}}\n'
    )
    ended, bodies = await sent(tmp_path, task_type, content, chunk=3)
    assert ended.outputs == {"size": 4}
    assert bodies == [
        (
            b'{"index":{"_index":"o","_id":"1"}}\n{"n": "a"}\n{"delete":{"_index":"o","_id":"2"}}\n'
            b'{"update":{"_index":"o","_id":"3"}}\n{"doc":{"n":"c"},"doc_as_upsert":true}\n'
        ),
        b'{"update":{"_index":"o","_id":"4"}}\n{"doc": {"n": "d"}}\n',
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"move": {}}\n', "from: line 1 is no operation"),
        (b'{"index": {}}\n', "from: line 1 announces a document, and no line follows"),
        (b'{"index": {}}\n{"a": 1}\nnot json\n', "from: line 3 is no JSON"),
    ],
)
async def test_a_file_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, content: bytes, says: str
) -> None:
    ended, bodies = await sent(tmp_path, search.ELASTIC_BULK, content)
    assert says in ended.message
    assert bodies == []


async def test_operations_that_the_cluster_refuses_fail_the_task(tmp_path: Path) -> None:
    items = [
        {"index": {"_id": "1", "status": 201}},
        {"index": {"_id": "2", "error": {"type": "x", "reason": "no number"}}},
    ]
    give = Give(200, {"errors": True, "items": items})
    ended, _ = await sent(tmp_path, search.ELASTIC_LOAD, b'{"n": 1}\n', give, index="o")
    assert ended.message == "1 of 2 operations of a request failed: 2: no number"


async def test_a_document_that_is_not_there_gives_nothing_or_fails(tmp_path: Path) -> None:
    async with http_server(always(Give(404, {"found": False}))) as server:
        written = {"connection": {"hosts": [server.url]}, "index": "o", "key": "1"}
        ended = await a_bench(tmp_path).run(search.ELASTIC_GET, written)
        assert (ended.outcome, ended.outputs) == ("succeeded", {})
        ended = await a_bench(tmp_path).run(search.ELASTIC_GET, {**written, "errorOnMissing": True})
    assert "response code '404'" in ended.message


async def test_a_warning_is_logged_or_fails_the_task(tmp_path: Path) -> None:
    headers = {"Warning": '299 Elasticsearch "old"'}
    async with http_server(always(Give(200, b"green\n", headers))) as server:
        bench = a_bench(tmp_path)
        written = {"connection": {"hosts": [server.url]}, "endpoint": "_cat/health"}
        ended = await bench.run(search.ELASTIC_REQUEST, written)
        assert ended.outputs == {"status": 200, "response": "green\n"}
        assert ("WARN", headers["Warning"]) in bench.messages
        written["connection"] = {"hosts": [server.url], "strictDeprecationMode": True}
        ended = await bench.run(search.ELASTIC_REQUEST, written)
    assert "`strictDeprecationMode` is set" in ended.message
