"""What the worker adds to the kit: masking, files in parts, HTTP behind its guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.support.attempt import Bench
from tests.support.http_server import Give, always, http_server
from toccata.kit.http.reach import EVERYWHERE
from toccata.plugin import (
    NO_OPTIONS,
    HttpOptions,
    HttpRequest,
    Outputs,
    Properties,
    RunContext,
    Secret,
    TaskFailed,
    TaskType,
    dynamic,
    fetched,
    stored,
)


class Call(Properties):
    """Calls."""

    uri: str = dynamic("", doc="where")
    token: Secret = dynamic(SecretStr("t0ken"), doc="secret")
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how")


def a_type(run: object) -> TaskType:
    return TaskType(name="example.Call", title="Call", properties=Call, run=run)  # type: ignore[arg-type]


async def call(task: Call, run: RunContext) -> Outputs:
    async with run.http(task.options) as http, http.send(HttpRequest("GET", task.uri)) as answer:
        run.log("INFO", f"{task.token.get_secret_value()} and {answer.status}")
        return {"body": await answer.text()}


async def test_what_secret_properties_hold_is_masked(tmp_path: Path) -> None:
    async def run(task: Call, run: RunContext) -> None:
        run.log("INFO", f"sent {task.token.get_secret_value()}")
        raise TaskFailed(f"{task.token.get_secret_value()} is wrong")

    bench = Bench(tmp_path)
    ended = await bench.run(a_type(run), {"token": "{{ a }}"}, variables={"a": "hunter2"})
    assert ended.message == "****** is wrong"
    assert ("INFO", "sent ******") in bench.messages


async def test_a_task_calls_what_its_worker_may_call(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with http_server(always(Give(body="inside"))) as server:
        refused = await bench.run(a_type(call), {"uri": server.url})
        assert "not a public address" in refused.message
        bench.shared.stores.reach = EVERYWHERE
        auth = {"type": "BEARER", "token": "{{ a }}"}
        ended = await bench.run(
            a_type(call), {"uri": server.url, "options": {"auth": auth}}, variables={"a": "xyz"}
        )
    assert ended.outputs == {"body": "inside"}
    assert server.got[0].headers["authorization"] == "Bearer xyz"


async def test_files_come_and_go_in_parts(tmp_path: Path) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 1_000_000

    async def run(task: Call, run: RunContext) -> Outputs:
        uri = await stored(run, parts(), ".bin")
        path = await fetched(run, uri)
        return {"uri": uri, "size": path.stat().st_size, "suffix": path.suffix}

    ended = await Bench(tmp_path).run(a_type(run), {})
    assert ended.outputs["size"] == 12_000_000
    assert ended.outputs["suffix"] == ".bin"


async def test_parts_that_end_with_an_error_leave_no_file_and_keep_their_error(tmp_path: Path) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * 6_000_000
        raise TaskFailed("the source is gone")

    async def run(task: Call, run: RunContext) -> None:
        await stored(run, parts(), "half.bin")

    bench = Bench(tmp_path)
    ended = await bench.run(a_type(run), {})
    assert ended.message == "the source is gone"
    assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("uri", ["kestra:///company/none", "http://x", "kestra:///a/../b"])
async def test_a_file_that_cannot_be_fetched_says_so(tmp_path: Path, uri: str) -> None:
    async def run(task: Call, run: RunContext) -> None:
        await fetched(run, task.uri)

    ended = await Bench(tmp_path).run(a_type(run), {"uri": uri})
    assert ended.outcome == "failed"
    assert uri in ended.message
