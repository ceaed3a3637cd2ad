"""``core.http.*`` against a real server."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.support.example import example
from tests.support.http_server import Give, Got, always, http_server
from toccata.plugin import TaskFailed
from toccata.plugins.families.core.http import DOWNLOAD, REQUEST, SSE_REQUEST
from toccata.runtime.storage import InternalStorage
from toccata.testing import Ran, problems, run_alone


async def stored(tmp_path: Path, uri: str) -> bytes:
    return await InternalStorage(tmp_path / "storage").get(uri)


# Request


async def test_a_request_gives_status_headers_and_the_body_as_text(tmp_path: Path) -> None:
    async with http_server(always(Give(201, {"a": 1}, {"X-Two": "2"}))) as server:
        ran = await run_alone(REQUEST, {"uri": "{{ url }}/x"}, tmp_path, {"url": server.url})
    assert ran.outputs["uri"] == f"{server.url}/x"
    assert ran.outputs["code"] == 201
    assert ran.outputs["body"] == '{"a":1}'
    assert ran.outputs["headers"]["x-two"] == ["2"]


async def test_an_empty_body_is_none(tmp_path: Path) -> None:
    async with http_server(always(Give(204))) as server:
        ran = await run_alone(REQUEST, {"uri": server.url}, tmp_path)
    assert "body" not in ran.outputs


async def test_a_body_is_sent_with_its_type_also_if_there_is_none(tmp_path: Path) -> None:
    async with http_server(always(Give())) as server:
        await run_alone(
            REQUEST, {"uri": server.url, "method": "put", "body": '{"a": "{{ x }}"}'}, tmp_path, {"x": "ü"}
        )
        await run_alone(REQUEST, {"uri": server.url, "contentType": "text/csv"}, tmp_path)
        await run_alone(REQUEST, {"uri": server.url, "headers": {"content-type": "text/plain"}}, tmp_path)
    assert [got.headers["content-type"] for got in server.got] == [
        "application/json",
        "text/csv",
        "text/plain",
    ]
    assert server.got[0].method == "PUT"
    assert server.got[0].body == '{"a": "ü"}'.encode()


async def test_a_form_is_url_encoded_and_wins_over_the_body(tmp_path: Path) -> None:
    form = {"a": "1 2", "b": ["x", "y"], "c": {"k": 1}}
    async with http_server(always(Give())) as server:
        await run_alone(
            REQUEST, {"uri": server.url, "method": "POST", "formData": form, "body": "no"}, tmp_path
        )
    (got,) = server.got
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert got.body == b"a=1+2&b=x&b=y&c=%7B%22k%22%3A+1%7D"


async def test_a_form_in_parts_has_files_of_internal_storage(tmp_path: Path) -> None:
    uri = await InternalStorage(tmp_path / "storage").put("kestra:///tests/rows.csv", b"a,b\n")
    form = {"text": "plain", "file": uri, "named": {"name": 'a"b.csv', "content": uri}, "number": 5}
    async with http_server(always(Give())) as server:
        sent = {"uri": server.url, "method": "POST", "formData": form, "contentType": "multipart/form-data"}
        await run_alone(REQUEST, sent, tmp_path)
    (got,) = server.got
    kind, boundary = got.headers["content-type"].split("; boundary=")
    assert kind == "multipart/form-data"
    assert len(got.body) == int(got.headers["content-length"])
    parts = got.body.split(f"--{boundary}".encode())
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="text"\r\n\r\nplain\r\n'
    assert (
        b'name="file"; filename="rows.csv"\r\nContent-Type: application/octet-stream\r\n\r\na,b\n' in parts[2]
    )
    assert b'name="named"; filename="a%22b.csv"' in parts[3]
    assert parts[4].endswith(b'name="number"\r\n\r\n5\r\n')
    assert parts[5] == b"--\r\n"


async def test_a_file_of_a_form_that_is_missing_is_named(tmp_path: Path) -> None:
    sent = {
        "uri": "http://localhost:1",
        "formData": {"file": "kestra:///tests/none"},
        "contentType": "multipart/form-data",
    }
    with pytest.raises(TaskFailed, match="formData: file `kestra:///tests/none` does not exist"):
        await run_alone(REQUEST, sent, tmp_path)


@pytest.mark.parametrize("allowing", [{"allowFailed": True}, {"options": {"allowFailed": "{{ yes }}"}}])
async def test_a_failed_answer_can_be_allowed_also_at_the_old_place(
    tmp_path: Path, allowing: dict[str, Any]
) -> None:
    async with http_server(always(Give(404, b"none"))) as server:
        ran = await run_alone(REQUEST, {"uri": server.url, **allowing}, tmp_path, {"yes": True})
        assert (ran.outputs["code"], ran.outputs["body"]) == (404, "none")
        with pytest.raises(TaskFailed, match="response code '404' and body:\nnone"):
            await run_alone(REQUEST, {"uri": server.url}, tmp_path)


def test_a_body_that_is_to_be_encrypted_is_refused_when_the_flow_is_saved() -> None:
    (problem,) = problems(REQUEST, {"uri": "https://x", "encryptBody": True})
    assert "cannot be encrypted here yet" in problem.message


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({}, "uri"),
        (
            {"uri": "https://x", "options": {"timeout": {"connectTimeout": 5}}},
            "options.timeout.connectTimeout",
        ),
        ({"uri": "https://x", "option": {}}, "option"),
        ({"uri": "https://x", "options": {"proxy": {"type": "HTTP"}}}, "options.proxy"),
    ],
)
def test_what_is_wrong_is_said_when_the_flow_is_saved(written: dict[str, Any], path: str) -> None:
    assert [each.path for each in problems(REQUEST, written)] == [path]


async def test_the_examples_of_request_run(tmp_path: Path) -> None:
    tries: list[Got] = []

    def answer(got: Got) -> Give:
        tries.append(got)
        return Give(503) if got.path == "/orders" and len(tries) == 2 else Give(body={})

    async with http_server(answer) as server:
        await run_alone(REQUEST, example(REQUEST, 0, {"https://dummyjson.com": server.url}), tmp_path)
        second = example(
            REQUEST,
            1,
            {
                "https://api.example.com": server.url,
                "PT5S": "PT0.01S",
                "{{ secret('API_TOKEN') }}": "{{ token }}",
            },
        )
        await run_alone(REQUEST, second, tmp_path, {"token": "t"})
    assert [got.path for got in tries] == ["/products", "/orders", "/orders"]
    assert tries[2].headers["authorization"] == "Bearer t"
    assert tries[2].json() == {"amount": 12}


# Download


async def test_a_download_is_a_file_with_the_extension_of_its_address(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    async with http_server(always(Give(body=content))) as server:
        ran = await run_alone(
            DOWNLOAD, example(DOWNLOAD, 0, {"https://huggingface.co": server.url}), tmp_path
        )
    assert ran.outputs["uri"].endswith(".csv")
    assert ran.outputs["length"] == len(content) == ran.metrics["response.length"]
    assert await stored(tmp_path, ran.outputs["uri"]) == content


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "/report.pdf"),
        ("attachment; filename=../../etc/passwd", "/passwd"),
        (r'attachment; filename="C:\temp\x.txt"', "/x.txt"),
        ("attachment; filename*=UTF-8''%C3%A4%20b.csv", "/%C3%A4 b.csv"),
        ('attachment; filename="a?b#c.txt"', "/a%3Fb%23c.txt"),
        ('attachment; filename=".."', ".zip"),
        ("attachment", ".zip"),
    ],
)
async def test_the_server_names_the_file_but_not_its_folder(
    tmp_path: Path, disposition: str, name: str
) -> None:
    async with http_server(always(Give(body=b"x", headers={"Content-Disposition": disposition}))) as server:
        ran = await run_alone(DOWNLOAD, {"uri": f"{server.url}/a/data.zip?x=.exe"}, tmp_path)
    assert ran.outputs["uri"].endswith(name)
    assert ran.outputs["uri"].startswith("kestra:///tests/flow/executions/1/tasks/task/1/")
    assert await stored(tmp_path, ran.outputs["uri"]) == b"x"


async def test_an_empty_answer_fails_and_leaves_no_file_unless_that_is_allowed(tmp_path: Path) -> None:
    async with http_server(always(Give())) as server:
        with pytest.raises(TaskFailed, match="the answer is empty"):
            await run_alone(DOWNLOAD, {"uri": server.url}, tmp_path)
        assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []
        ran: Ran = await run_alone(DOWNLOAD, {"uri": server.url, "failOnEmptyResponse": False}, tmp_path)
        assert ("WARN", f"{server.url}: the answer is empty") in ran.logs
        assert ran.outputs["length"] == 0


async def test_half_an_answer_fails_and_leaves_no_file(tmp_path: Path) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
    async with http_server(always(Give(raw=raw))) as server:
        with pytest.raises(TaskFailed, match="broke off"):
            await run_alone(DOWNLOAD, {"uri": server.url}, tmp_path)
    assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []


async def test_a_packed_transfer_is_unpacked_and_a_packed_file_is_kept(tmp_path: Path) -> None:
    packed = gzip.compress(b"rows")
    async with http_server(always(Give(body=packed, headers={"Content-Encoding": "gzip"}))) as server:
        ran = await run_alone(DOWNLOAD, {"uri": f"{server.url}/x.csv"}, tmp_path)
        assert await stored(tmp_path, ran.outputs["uri"]) == b"rows"
    async with http_server(always(Give(body=packed))) as server:
        ran = await run_alone(DOWNLOAD, {"uri": f"{server.url}/x.csv.gz"}, tmp_path)
        assert await stored(tmp_path, ran.outputs["uri"]) == packed
        assert ran.outputs["uri"].endswith(".gz")


# SseRequest

EVENTS = (
    ": hello\n\n"
    'id: 1\nevent: token\ndata: {"text": "Wor"}\n\n'
    'retry: 500\r\ndata: {"text":\r\ndata: "ld"}\r\n\r\n'
    "data: plain"
)


async def test_events_are_read_and_stored_one_a_line(tmp_path: Path) -> None:
    async with http_server(always(Give(body=EVENTS))) as server:
        ran = await run_alone(SSE_REQUEST, {"uri": server.url}, tmp_path)
    events = [
        {"comment": "hello"},
        {"id": "1", "event": "token", "data": {"text": "Wor"}},
        {"retry": 500, "data": {"text": "ld"}},
        {"data": "plain"},
    ]
    assert ran.outputs["events"] == events
    assert ran.outputs["size"] == ran.metrics["size"] == 4
    assert (await stored(tmp_path, ran.outputs["uri"])).count(b"\n") == 4
    assert "result" not in ran.outputs


async def test_what_a_program_finds_is_joined(tmp_path: Path) -> None:
    body = 'data: {"text": "Wor"}\n\ndata: {"text": "ld "}\n\ndata: {"text": 7}\n\n'
    async with http_server(always(Give(body=body))) as server:
        written = example(SSE_REQUEST, 0, {"https://api.example.com": server.url})
        ran = await run_alone(SSE_REQUEST, written, tmp_path)
    assert ran.outputs["result"] == "World 7"
    assert "events" not in ran.outputs


async def test_an_event_without_what_the_program_looks_for_fails_unless_that_is_allowed(
    tmp_path: Path,
) -> None:
    body = 'data: {"text": "a"}\n\ndata: {}\n\n'
    async with http_server(always(Give(body=body))) as server:
        written = {"uri": server.url, "concatJqExpression": ".data.text"}
        with pytest.raises(TaskFailed, match=r"`\.data\.text` finds nothing in event 2"):
            await run_alone(SSE_REQUEST, written, tmp_path)
        ran = await run_alone(SSE_REQUEST, {**written, "failedOnMissingJq": False}, tmp_path)
        assert ran.outputs["result"] == "a"
        with pytest.raises(TaskFailed, match="finds no text or number in event 1"):
            await run_alone(SSE_REQUEST, {**written, "concatJqExpression": ".data"}, tmp_path)
