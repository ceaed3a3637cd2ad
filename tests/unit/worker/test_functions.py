"""The functions of templates that reach files and secrets, in attempts of the worker's own runner."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.support.attempt import Bench
from toccata.plugins.families.core.debug import RETURN

MINE = "kestra:///company/team/f/executions/e0/x.txt"
OTHER = "kestra:///other/f/executions/e0/x.txt"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    secret = base64.b64encode(b'{"user": "ann", "n": 1}').decode()
    return Bench(tmp_path, secrets={"SECRET_DB": secret})


async def said(bench: Bench, template: str, **fields: object) -> str:
    ended = await bench.run(RETURN, {"format": template}, **fields)
    return str(ended.outputs["value"]) if ended.outcome == "succeeded" else f"failed: {ended.message}"


async def test_files_of_the_namespace_are_read(bench: Bench) -> None:
    await bench.storage.put(MINE, "zwölf".encode())
    await bench.storage.put(MINE + "0", b"")
    template = (
        "{{ read(u) }} {{ fileSize(u) }} {{ fileExists(u) }} {{ isFileEmpty(u) }} {{ isFileEmpty(u ~ 0) }}"
    )
    assert await said(bench, template, variables={"u": MINE}) == "zwölf 6 true false true"


async def test_what_is_not_there_is_said(bench: Bench) -> None:
    assert await said(bench, "{{ fileExists(u) }}", variables={"u": MINE}) == "false"
    for function in ("read", "fileSize", "isFileEmpty"):
        text = await said(bench, f"{{{{ {function}(u) }}}}", variables={"u": MINE})
        assert f"file `{MINE}` does not exist" in text


async def test_files_of_other_namespaces_are_refused_until_they_are_granted(
    bench: Bench, tmp_path: Path
) -> None:
    await bench.storage.put(OTHER, b"x")
    refused = await said(bench, "{{ read(u) }}", variables={"u": OTHER})
    assert "didn't belong to the current execution" in refused
    assert "refused" not in await said(bench, "{{ fileExists(u) }}", variables={"u": OTHER})
    trigger = {"namespace": "other", "flowId": "f", "executionId": "e0"}
    assert await said(bench, "{{ read(u) }}", variables={"u": OTHER, "trigger": trigger}) == "x"
    granted = Bench(tmp_path, granted=frozenset({"other"}))
    assert await said(granted, "{{ read(u) }}", variables={"u": OTHER}) == "x"


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "kestra:///company/team/../../x", "kestra:///company/team/f/%2e%2e/x"]
)
async def test_no_address_leads_out_of_storage(bench: Bench, uri: str) -> None:
    assert (await said(bench, "{{ read(u) }}", variables={"u": uri})).startswith("failed: ")


async def test_a_loop_reads_as_many_files_as_it_has(bench: Bench) -> None:
    for number in range(20):
        await bench.storage.put(f"{MINE}{number}", str(number).encode())
    template = "{% for n in range(0, 19) %}{{ read(u ~ n) }},{% endfor %}"
    assert await said(bench, template, variables={"u": MINE}) == "".join(f"{n}," for n in range(20))


async def test_a_template_that_asks_for_ever_ends(bench: Bench) -> None:
    template = "{% for n in range(0, 5000) %}{{ fileExists(u ~ n) }}{% endfor %}"
    assert "fetches more than 1000 things" in await said(bench, template, variables={"u": MINE})


async def test_secrets_may_be_named_and_have_parts(bench: Bench) -> None:
    template = "{{ secret(key='DB', subkey='user') }} {{ secret('DB', namespace='x', subkey='n') }}"
    assert await said(bench, template) == "ann 1"
    assert "Cannot find subkey 'no'" in await said(bench, "{{ secret('DB', subkey='no') }}")
    assert ("DEBUG", "****** ******") in bench.messages
