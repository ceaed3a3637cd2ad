"""What callers write over the API they read at once: flows, executions, webhooks, actions and logs."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import httpx
import pytest

from contracts.execution import (
    RestartExecution,
)
from contracts.states import State
from contracts.telemetry import AttemptLogs, LogLine
from tests.support.web_alone import (
    API,
    Web,
)

pytestmark = [pytest.mark.servers, pytest.mark.anyio]


async def test_a_flow_that_was_written_is_read_at_once(web: Web):
    created = await web.create()
    assert (created.status_code, created.json()["revision"]) == (200, 1)
    assert (await web.call("GET", f"{API}/flows/company/hello")).json()["revision"] == 1
    assert (await web.call("GET", f"{API}/flows/search?namespace=company")).json()["total"] == 1
    assert (await web.create()).status_code == 422

    updated = await web.call("PUT", "/api/v1/flows/company/hello", content=web.flow + "description: new\n")
    assert (updated.status_code, updated.json()["revision"]) == (200, 2)
    assert (await web.call("GET", f"{API}/flows/company/hello?source=true")).json()["description"] == "new"
    assert len((await web.call("GET", f"{API}/flows/company/hello/revisions")).json()) == 2

    assert (await web.call("DELETE", f"{API}/flows/company/hello")).status_code == 204
    assert (await web.call("GET", f"{API}/flows/company/hello")).status_code == 404
    assert (await web.call("DELETE", f"{API}/flows/company/hello")).status_code in {204, 404}


async def test_an_import_takes_the_good_and_names_the_bad(web: Web):
    second = web.flow.replace("id: hello", "id: second", 1)
    documents = f"{web.flow}---\nid: broken\nnamespace: company\n---\n{second}"
    upload = {"fileUpload": ("flows.yaml", documents.encode(), "application/x-yaml")}
    response = await web.call("POST", "/api/v1/flows/import", files=upload)
    assert (response.status_code, response.json()) == (200, ["1"])
    assert (await web.call("GET", f"{API}/flows/search?namespace=company")).json()["total"] == 2
    refused = await web.call("POST", "/api/v1/flows/import?failOnError=true", files=upload)
    assert refused.status_code == 422


async def test_an_execution_that_was_started_is_read_at_once(web: Web):
    await web.create()
    started = await web.execute("?labels=a:b", files={"count": (None, "7")})
    assert started["labels"][0] == {"key": "a", "value": "b"}
    read = (await web.call("GET", f"{API}/executions/{started['id']}")).json()
    assert (read["id"], read["inputs"]) == (started["id"], {"count": "7"})
    found = (await web.call("GET", f"{API}/executions?namespace=company&flowId=hello")).json()
    assert [item["id"] for item in found["results"]] == [started["id"]]


async def test_files_of_executions_are_read_and_no_others(web: Web):
    await web.create()
    started = await web.execute()
    folder = f"kestra:///{web.namespace}/hello/executions/{started['id']}/tasks/log"
    await web.others.storage.put(f"{folder}/a%20b.csv", b"x,y\n1,2\n")
    await web.others.storage.put("kestra:///elsewhere/a.txt", b"hidden")
    file = f"{API}/executions/{started['id']}/file"

    async def ask(path: str, uri: str) -> httpx.Response:
        return await web.call("GET", file + path, params={"path": uri})

    assert (await ask("/metas", f"{folder}/a%20b.csv")).json() == {"size": 8}
    got = await ask("", f"{folder}/a%20b.csv")
    assert (got.content, got.headers["content-length"]) == (b"x,y\n1,2\n", "8")
    assert got.headers["content-disposition"].startswith('attachment; filename="a b.csv"')
    preview = (await ask("/preview", f"{folder}/a%20b.csv")).json()
    assert (preview["type"], preview["content"]) == ("LIST", [{"x": "1", "y": "2"}])
    assert (await ask("", f"{folder}/nothing")).status_code == 404
    for uri in ("kestra:///elsewhere/a.txt", f"{folder}/../../x", "file:///etc/passwd"):
        assert (await ask("", uri)).status_code == 422
    other = await web.execute()
    handed_on = f"{API}/executions/{other['id']}/file/metas"
    assert (await web.call("GET", handed_on, params={"path": f"{folder}/a%20b.csv"})).json() == {"size": 8}


async def test_waiting_gives_the_end_with_outputs(web: Web):
    await web.create()
    ended = await web.execute("?wait=true&labels=end:yes")
    assert (ended["state"]["current"], ended["outputs"]) == ("SUCCESS", {"final": 1})
    events = (await web.call("GET", f"{API}/executions/{ended['id']}/follow")).text
    assert [line for line in events.splitlines() if line.startswith("id:")] == ["id: start", "id: end"]
    assert (await web.call("GET", f"{API}/outputs/executions/{ended['id']}")).json() == {"final": 1}


async def test_the_same_idempotency_key_starts_one_execution(web: Web):
    await web.create()
    key = {"Idempotency-Key": "order-1"}
    first, second = [await web.execute("?labels=end:yes&wait=true", headers=key) for _ in range(2)]
    assert first["id"] == second["id"]
    assert second["state"]["current"] == "SUCCESS"


async def test_a_webhook_needs_its_key_and_nothing_else(web: Web):
    await web.create()
    hook = "/executions/webhook/company/hello"
    response = await web.call("POST", f"/api/v1{hook}/opens?q=1", json={"a": 1}, auth=None)
    assert response.status_code == 200
    page = response.json()
    assert page["trigger"]["variables"]["body"] == {"a": 1}
    assert page["state"]["current"] == "CREATED"
    assert (await web.call("GET", f"{API}/executions/{page['id']}")).json()["trigger"]["id"] == "hook"
    assert (await web.call("POST", f"{API}{hook}/wrong", auth=None)).status_code == 404
    assert (await web.call("PATCH", f"{API}{hook}/opens", auth=None)).status_code == 405


async def test_kill_and_restart_answer_with_the_new_state(web: Web):
    await web.create()
    started = await web.execute()
    killed = await web.call("DELETE", f"{API}/executions/{started['id']}/actions/kill")
    assert killed.json()["state"]["current"] in {"KILLING", "KILLED"}
    async with asyncio.timeout(10):
        while (await web.parts.executions.get(started["id"])).state is not State.KILLED:  # noqa: ASYNC110 - reads are tested
            await asyncio.sleep(0.02)
    strict = f"{API}/executions/{started['id']}/actions/kill?isOnKillCascade=false"
    assert (await web.call("DELETE", strict)).status_code == 409
    bulk = await web.call("DELETE", f"{API}/executions/kill/by-ids", content=f'["{started["id"]}", "nobody"]')
    assert bulk.status_code == 400
    assert [item["invalidValue"] for item in bulk.json()["invalids"]] == [started["id"], "nobody"]

    restarted = await web.call("POST", f"/api/v1/executions/{started['id']}/restart")
    assert (restarted.status_code, restarted.json()["state"]["current"]) == (200, "RESTARTED")
    command = web.others.commands[-1]
    assert isinstance(command, RestartExecution)
    assert command.record is not None
    assert command.record.histories[-1].state is State.KILLED
    assert (await web.call("POST", f"{API}/executions/{started['id']}/actions/restart")).status_code == 409
    assert (await web.call("POST", f"/api/v1/executions/{started['id']}/restart")).status_code == 422


async def test_logs_are_read_and_followed(web: Web):
    await web.create()
    ended = await web.execute("?wait=true&labels=end:yes")

    def logs(first: int, text: str) -> AttemptLogs:
        return AttemptLogs(
            execution_id=ended["id"], namespace="company", flow_id="hello", task_id="log", task_run_id="t",
            attempt=1, first=first, lines=[LogLine(level="WARN", at=1000, message=text)],
        )  # fmt: skip

    await web.others.publish("attempts.logs", ended["id"], logs(0, "stored"))
    async with asyncio.timeout(10), aclosing(web.parts.logs.follow(ended["id"], None)) as followed:
        assert [row.message for row in await anext(followed)] == ["stored"]
        await web.others.publish("attempts.logs", ended["id"], logs(1, "live"))
        assert [row.message for row in await anext(followed)] == ["live"]
    async with asyncio.timeout(10):
        while True:
            stored = (await web.call("GET", f"{API}/logs/{ended['id']}?minLevel=INFO")).json()
            if len(stored) == 2:
                break
            await asyncio.sleep(0.02)  # wait for the projection
    assert [line["message"] for line in stored] == ["stored", "live"]
    assert (
        (await web.call("GET", f"{API}/logs/{ended['id']}/download"))
        .text.splitlines()[0]
        .endswith("WARN stored")
    )
    assert (await web.call("GET", f"{API}/logs/{ended['id']}?minLevel=LOUD")).status_code == 400


async def test_the_document_of_the_api_names_every_route(web: Web):
    paths = (await web.call("GET", "/api/v1/openapi.json")).json()["paths"]
    for path in (
        "/flows/import",
        "/executions/{namespace}/{flow_id}",
        "/executions/webhook/{namespace}/{flow_id}/{key}",
    ):
        assert API + path in paths
    metrics = (await web.call("GET", "/prometheus")).text
    assert "toccata_http_requests_total" in metrics
