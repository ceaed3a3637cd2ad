"""``http()`` in the properties of a task, against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempt import Bench
from tests.support.http_server import Give, always, http_server
from toccata.kit.http.reach import EVERYWHERE
from toccata.plugins.families.core.debug import RETURN


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.shared.stores.reach = EVERYWHERE
    return made


async def said(bench: Bench, template: str, url: str) -> str:
    ended = await bench.run(RETURN, {"format": template}, variables={"u": url})
    return str(ended.outputs.get("value", f"failed: {ended.message}"))


async def test_json_is_a_value_and_anything_else_is_text(bench: Bench) -> None:
    async with http_server(always(Give(body={"name": "Will"}))) as server:
        assert await said(bench, "{{ http(u).name }}", server.url) == "Will"
    async with http_server(always(Give(body="12", headers={"Content-Type": "text/plain"}))) as server:
        assert await said(bench, "{{ http(u) ~ '!' }}", server.url) == "12!"


async def test_all_arguments_are_sent(bench: Bench) -> None:
    async with http_server(always(Give())) as server:
        template = (
            "{{ http(uri=u, method='POST', query={'q': 1}, body={'a': 'b'}, contentType='application/x', "
            "headers={'X-One': '1'}, accept='text/csv', options={'auth': {'type': 'BEARER', 'token': 't'}}) }}"
        )
        assert await said(bench, template, server.url) == ""
    (got,) = server.got
    assert (got.method, got.query, got.body) == ("POST", [("q", "1")], b'{"a":"b"}')
    expected = {
        "content-type": "application/x",
        "accept": "text/csv",
        "x-one": "1",
        "authorization": "Bearer t",
    }
    assert expected.items() <= got.headers.items()


async def test_the_same_call_is_made_once_in_an_attempt(bench: Bench) -> None:
    async with http_server(always(Give(body="x"))) as server:
        template = "{{ http(u) }}{{ http(u) }}{{ http(u ~ '/other') }}"
        assert await said(bench, template, server.url) == "xxx"
    assert [got.path for got in server.got] == ["/", "/other"]


async def test_failures_say_what_happened(bench: Bench) -> None:
    async with http_server(always(Give(500, b"broken"))) as server:
        assert "response code '500' and body:\nbroken" in await said(bench, "{{ http(u) }}", server.url)
        assert await said(bench, "{{ http(u, options={'allowFailed': true}) }}", server.url) == "broken"
        wrong = await said(bench, "{{ http(u, options={'retries': 3}) }}", server.url)
        assert "`http`: options.retries" in wrong
        bench.shared.stores.reach = Bench(bench.home).shared.stores.reach
        assert "not a public address" in await said(bench, "{{ http(u) }}", server.url)
