"""``core.http.Trigger`` against a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.http_server import Give, Got, always, http_server
from toccata.plugin import TaskFailed
from toccata.plugins.families.core.http import TRIGGER
from toccata.testing import PolledAlone, problems


async def test_an_answer_below_400_is_an_event_with_status_headers_and_body(tmp_path: Path) -> None:
    async with http_server(always(Give(201, {"price": 100}, {"X-Two": "2"}))) as server:
        (event,) = await PolledAlone(TRIGGER, {"uri": f"{server.url}/x"}, tmp_path).poll()

    assert event.variables["code"] == 201
    assert event.variables["uri"] == f"{server.url}/x"
    assert event.variables["body"] == '{"price":100}'
    assert event.variables["headers"]["x-two"] == ["2"]
    assert event.id == "", "each poll that finds something is an event"


@pytest.mark.parametrize("status", [400, 404, 503])
async def test_any_status_is_an_answer_and_the_condition_decides(tmp_path: Path, status: int) -> None:
    async with http_server(always(Give(status, "gone"))) as server:
        plain = {"uri": server.url}
        assert await PolledAlone(TRIGGER, plain, tmp_path).poll() == []
        wanted = {**plain, "responseCondition": f"{{{{ response.statusCode == {status} }}}}"}
        (event,) = await PolledAlone(TRIGGER, wanted, tmp_path).poll()
    assert (event.variables["code"], event.variables["body"]) == (status, "gone")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("{{ json(response.body).price <= 110 }}", True),
        ("{{ json(response.body).price > 110 }}", False),
        ("{{ response.headers['x-two'][0] == '2' }}", True),
        ("0", False),
        ("-0", False),
        ("{{ '' }}", False),
        ("anything", True),
    ],
)
async def test_the_condition_reads_the_answer(tmp_path: Path, condition: str, found: bool) -> None:
    async with http_server(always(Give(200, {"price": 100}, {"X-Two": "2"}))) as server:
        trigger = PolledAlone(TRIGGER, {"uri": server.url, "responseCondition": condition}, tmp_path)
        assert bool(await trigger.poll()) is found


async def test_an_empty_answer_has_no_body(tmp_path: Path) -> None:
    async with http_server(always(Give(204))) as server:
        condition = "{{ response.body is null }}"
        trigger = PolledAlone(TRIGGER, {"uri": server.url, "responseCondition": condition}, tmp_path)
        (event,) = await trigger.poll()
    assert event.variables["body"] is None


async def test_it_sends_what_a_request_sends(tmp_path: Path) -> None:
    asked: dict[str, Any] = {
        "method": "POST",
        "body": '{"a": "{{ vars.a }}"}',
        "params": {"q": "1"},
        "headers": {"X-Who": "me"},
        "options": {"auth": {"type": "BEARER", "token": "t"}},
    }
    async with http_server(always(Give())) as server:
        trigger = PolledAlone(TRIGGER, {"uri": server.url, **asked}, tmp_path, {"vars": {"a": "b"}})
        await trigger.poll()
        (got,) = server.got
    assert (got.method, got.body, got.query) == ("POST", b'{"a": "b"}', [("q", "1")])
    assert (got.headers["x-who"], got.headers["authorization"]) == ("me", "Bearer t")


async def test_a_server_that_is_not_there_is_a_failure_that_names_it(tmp_path: Path) -> None:
    async with http_server(always(Give())) as server:
        url = server.url
    with pytest.raises(TaskFailed, match=r"127\.0\.0\.1"):
        await PolledAlone(TRIGGER, {"uri": url}, tmp_path).poll()


async def test_a_condition_that_cannot_be_rendered_is_a_failure(tmp_path: Path) -> None:
    async with http_server(always(Give(200, "no json"))) as server:
        written = {"uri": server.url, "responseCondition": "{{ json(response.body).price }}"}
        with pytest.raises(TaskFailed):
            await PolledAlone(TRIGGER, written, tmp_path).poll()


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({}, "uri"),
        ({"uri": "http://x", "interval": "PT0S"}, "interval"),
        ({"uri": "http://x", "interval": 5}, "interval"),
        ({"uri": "http://x", "encryptBody": True}, "encryptBody"),
        ({"uri": "http://x", "condition": "x"}, "condition"),
    ],
)
def test_wrong_properties_are_found_when_the_flow_is_saved(written: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in problems(TRIGGER, written)] == [path]


def test_its_old_name_is_known() -> None:
    assert TRIGGER.aliases == ("io.kestra.plugin.fs.http.Trigger",)


async def test_a_server_is_asked_anew_by_each_poll(tmp_path: Path) -> None:
    prices = iter([120, 100])

    def answer(_: Got) -> Give:
        return Give(200, {"price": next(prices)})

    async with http_server(answer) as server:
        condition = "{{ json(response.body).price <= 110 }}"
        trigger = PolledAlone(TRIGGER, {"uri": server.url, "responseCondition": condition}, tmp_path)
        assert await trigger.poll() == []
        assert len(await trigger.poll()) == 1
