"""Bad input over HTTP: each request gets a clear error, and the next good call works."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
import pytest

from tests.support.api import API, anonymous, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

YAML = {"Content-Type": "application/x-yaml"}
GOOD = """\
id: good
namespace: bad_requests
inputs:
  - id: count
    type: INT
    min: 1
  - id: color
    type: SELECT
    values: [red, blue]
    defaults: red
  - id: data
    type: JSON
    defaults: "{}"
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.count }}"
"""
TASK = "tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: a}]"
BROKEN_SOURCES = {
    "not_yaml": "id: [unclosed",
    "tabs": "id: x\n\tnamespace: y",
    "a_list": "- 1\n- 2",
    "empty": "   ",
    "no_tasks": "id: a\nnamespace: b",
    "unknown_key": f"id: a\nnamespace: b\ncolour: red\n{TASK}",
    "duplicate_key": f"id: a\nid: b\nnamespace: b\n{TASK}",
    "unknown_type": "id: a\nnamespace: b\ntasks: [{id: t, type: no.such.Type}]",
    "path_in_id": f"id: ../../etc\nnamespace: b\n{TASK}",
    "path_in_namespace": f"id: a\nnamespace: ../b\n{TASK}",
    "path_in_task": "id: a\nnamespace: b\ntasks: [{id: ../t, type: io.kestra.plugin.core.debug.Return, format: a}]",
    "broken_expression": "id: a\nnamespace: b\ntasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: '{{ a'}]",
    "deep": "id: a\nnamespace: b\nx: " + "[" * 5_000 + "]" * 5_000,
    "python_tag": f"id: a\nnamespace: b\nx: !!python/object/apply:os.system ['true']\n{TASK}",
    "not_utf8": "id: \udcff",
    "bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f"id: a\nnamespace: b\n{TASK}",
}


@pytest.mark.parametrize("name", BROKEN_SOURCES)
async def test_a_broken_source_is_refused_and_says_why(system: System, name: str):
    source = BROKEN_SOURCES[name].encode(errors="surrogateescape")
    async with signed_in(system) as api:
        answer = await api.client.post(f"{API}/flows", content=source, headers=YAML)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.json()["message"]
        imported = await api.client.post(f"{API}/flows/import", files={"fileUpload": ("f.yaml", source)})
        assert imported.status_code in {200, 400, 422}, imported.text
        assert imported.status_code != 200 or imported.json() or not source.strip()


async def test_a_violation_names_its_line(system: System):
    async with signed_in(system) as api:
        source = "id: a\nnamespace: b\ntasks:\n  - id: t\n    type: no.such.Type\n"
        answer = await api.client.post(f"{API}/flows", content=source, headers=YAML)
        assert answer.status_code == 422
        assert "no.such.Type" in answer.json()["message"]
        assert answer.json()["errors"][0]["line"] == 5


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"count": "many"},
        {"count": "0"},
        {"count": "1", "color": "green"},
        {"count": "1", "data": "{"},
        {"count": "9" * 400},
        {"count": "1", "data": '{"a": ' * 3_000 + "1" + "}" * 3_000},
    ],
    ids=["missing", "no_number", "too_small", "not_offered", "no_json", "huge_number", "deep_json"],
)
async def test_wrong_inputs_are_refused(system: System, inputs: dict[str, str]):
    async with signed_in(system) as api:
        await api.save(GOOD)
        answer = await api.try_execute("bad_requests", "good", inputs)
        assert answer.status_code == 422, answer.text
        assert answer.json()["message"]
        good = await api.execute("bad_requests", "good", {"count": "1"}, wait=True)
        assert good["state"]["current"] == "SUCCESS"


async def test_oversized_inputs_and_bodies_are_refused(system: System):
    async with signed_in(system) as api:
        await api.save(GOOD)
        large = {"count": "1", "data": '"' + "x" * 900_000 + '"'}
        answer = await api.try_execute("bad_requests", "good", large)
        assert answer.status_code in {400, 413, 422}, answer.text
        answer = await api.client.post(f"{API}/flows", content=b"#" + b"x" * 2_000_000, headers=YAML)
        assert answer.status_code in {400, 413, 422}, answer.text


PROTECTED = ("/flows/search", "/executions/search", "/logs/search", "/flows/bad_requests/good")


async def test_nobody_gets_in_without_the_right_sign_in(system: System):
    user, password = system.auth
    wrong: list[Any] = [(user, password + "x"), ("x" + user, password), ("", ""), (user, "")]
    async with anonymous(system) as caller:
        for path in PROTECTED:
            assert (await caller.get(API + path)).status_code == 401
            for auth in wrong:
                assert (await caller.get(API + path, auth=auth)).status_code == 401
            for header in ("Basic", "Basic !!!", "Bearer abc", "Basic " + "A" * 100_000):
                answer = await caller.get(API + path, headers={"Authorization": header})
                assert answer.status_code in {400, 401, 431}
        for path in (f"{API}//flows/search", f"{API}/../main/flows/search", f"{API}/%66lows/search"):
            answer = await caller.get(path)
            assert answer.status_code in {401, 404}, path
        answer = await caller.post(f"{API}/executions/bad_requests/good", files={"count": (None, "1")})
        assert answer.status_code == 401


TRAVERSALS = (
    "/flows/..%2f..%2f/etc",
    "/flows/bad_requests/..%2f..%2fetc%2fpasswd",
    "/flows/%2e%2e/%2e%2e",
    "/executions/..%2f..%2fetc%2fpasswd",
    "/executions/%00",
    "/logs/..%2f..%2fetc%2fpasswd",
    "/logs/x%00y/download",
    "/logs/%E4%BD%A0%F0%9F%98%80/download",
    "/outputs/tasks/..%2f/..%2f",
    "/flows/bad_requests/good?revision=999999999999999999999",
    "/flows/bad_requests/good?revision=-1",
    "/executions/search?page=-1&size=1000000000",
    "/executions/search?filters[state][EQUALS]=%27%3B%20DROP%20TABLE%20flows",
    "/executions/search?sort=%27%3B--:asc",
    "/flows/search?q=%25%27%22%5C%00",
)


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_paths_and_queries_that_try_to_escape(system: System, path: str):
    async with signed_in(system) as api:
        answer = await api.client.get(httpx.URL(f"{system.url}{API}{path}"))
        assert answer.status_code < 500, answer.text
        assert "root:" not in answer.text
        if "etc" in path:
            assert answer.status_code in {400, 404, 422}


def _zip(entries: dict[str, bytes], repeat: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            for number in range(repeat):
                archive.writestr(name.format(number), content)
    return buffer.getvalue()


async def test_archives_that_are_too_much_are_refused(system: System):
    bombs = {
        "zeros": _zip({"a.yaml": b"\0" * 300_000_000}),
        "spaces": _zip({"a{}.yaml": b" " * 30_000_000}, repeat=10),
        "many": _zip({"{}.yaml": b""}, repeat=50_000),
        "torn": _zip({"a.yaml": GOOD.encode()})[:-30],
        "none": b"PK\x03\x04" + b"\xff" * 100,
    }
    async with signed_in(system) as api:
        for name, content in bombs.items():
            answer = await api.client.post(
                f"{API}/flows/import", files={"fileUpload": ("flows.zip", content)}
            )
            assert answer.status_code in {400, 413, 422}, f"{name}: {answer.status_code} {answer.text}"
        escaping = _zip({"../../../tmp/{}.yaml": GOOD.replace("id: good", "id: zipped").encode()})
        answer = await api.client.post(f"{API}/flows/import", files={"fileUpload": ("flows.zip", escaping)})
        assert (answer.status_code, answer.json()) == (200, [])
        assert (await api.client.get(f"{API}/flows/bad_requests/zipped")).status_code == 200
