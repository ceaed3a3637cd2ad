"""Executions are deleted with their logs, metrics and files, in all three ways, and a rebuild does not bring them back."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid

import pytest

from tests.support.api import API, signed_in

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

FLOW = """\
id: gone
namespace: e2e.deletion
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hello}
  - {id: warn, type: io.kestra.plugin.core.log.Log, level: WARN, message: careful}
  - {id: file, type: io.kestra.plugin.core.storage.Write, content: text}
  - {id: count, type: io.kestra.plugin.core.metric.Publish, metrics: [{type: counter, name: rows, value: 3}]}
"""
SLOW = """\
id: slow
namespace: e2e.deletion
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT5M}
afterExecution:
  - {id: later, type: io.kestra.plugin.core.flow.Sleep, duration: PT5M}
"""
EXECUTIONS = f"{API}/executions"


async def run(api):
    return await api.execute("e2e.deletion", "gone", wait=True)


async def traces(api, execution_id):
    """What reads show of an execution: its status, and the numbers of its lines and metrics."""
    page = await api.client.get(f"{EXECUTIONS}/{execution_id}")
    lines = await api.client.get(f"{API}/logs/{execution_id}")
    metrics = await api.client.get(f"{API}/metrics/{execution_id}")
    return page.status_code, len(lines.json()), metrics.json()["total"]


async def test_an_execution_goes_with_everything_of_it(system):
    async with signed_in(system) as api:
        await api.save(FLOW)
        done = await run(api)
        uri = done["taskRunList"][2]["outputs"]["uri"]
        file = system.home / "storage" / uri.removeprefix("kestra:///")
        assert (await traces(api, done["id"]))[:2] == (200, 2)
        stored = [path for path in system.home.rglob("*") if path.name == file.name]
        assert stored
        answer = await api.client.delete(f"{EXECUTIONS}/{done['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert await traces(api, done["id"]) == (404, 0, 0)
        assert not any(path.exists() for path in stored)
        again = await api.client.delete(f"{EXECUTIONS}/{done['id']}")
        assert again.status_code == 404
        for late in ("restart", "replay", "kill"):
            method = "DELETE" if late == "kill" else "POST"
            refused = await api.client.request(method, f"{EXECUTIONS}/{done['id']}/actions/{late}")
            assert refused.status_code == 404


async def test_what_is_to_stay_stays(system):
    async with signed_in(system) as api:
        await api.save(FLOW)
        done = await run(api)
        kept = {"deleteLogs": "false", "deleteMetrics": "FALSE", "deleteStorage": "false"}
        uri = done["taskRunList"][2]["outputs"]["uri"]
        await api.client.delete(f"{EXECUTIONS}/{done['id']}", params=kept)
        status, lines, metrics = await traces(api, done["id"])
        assert (status, lines) == (404, 2)
        assert metrics >= 1
        assert [path for path in system.home.rglob("*") if path.name == uri.rpartition("/")[2]]
        bad = await api.client.delete(f"{EXECUTIONS}/{done['id']}", params={"deleteLogs": "perhaps"})
        assert bad.status_code == 400
        assert "deleteLogs" in bad.json()["message"]


async def test_of_many_none_goes_unless_all_may_go(system):
    async with signed_in(system) as api:
        await api.save(FLOW)
        await api.save(SLOW)
        first, second = await run(api), await run(api)
        slow = await api.execute("e2e.deletion", "slow")
        await api.reached(slow["id"], "RUNNING")
        for bad in ("nobody", slow["id"]):
            answer = await api.client.request("DELETE", f"{EXECUTIONS}/by-ids", json=[first["id"], bad])
            assert answer.status_code == 400
            assert [each["invalidValue"] for each in answer.json()["invalids"]] == [bad]
        assert (await traces(api, first["id"]))[0] == 200
        answer = await api.client.request(
            "DELETE", f"{EXECUTIONS}/by-ids", json=[first["id"], second["id"], first["id"]]
        )
        assert (answer.status_code, answer.json()["count"]) == (200, 2)
        assert (await traces(api, second["id"])) == (404, 0, 0)
        everything = {"includeNonTerminated": "true"}
        answer = await api.client.request(
            "DELETE", f"{EXECUTIONS}/by-ids", params=everything, json=[slow["id"]]
        )
        assert (answer.status_code, answer.json()["count"]) == (200, 1), answer.text
        assert (await traces(api, slow["id"]))[0] == 404


async def test_one_that_runs_is_killed_before_it_goes(system):
    async with signed_in(system) as api:
        await api.save(SLOW)
        slow = await api.execute("e2e.deletion", "slow")
        await api.reached(slow["id"], "RUNNING")
        answer = await api.client.delete(f"{EXECUTIONS}/{slow['id']}")
        assert answer.status_code == 204, answer.text
        assert (await traces(api, slow["id"]))[0] == 404


async def test_a_query_selects_what_goes(system):
    label = uuid.uuid4().hex
    async with signed_in(system) as api:
        await api.save(FLOW)
        ids = []
        for _ in range(3):
            started = await api.client.post(
                f"{EXECUTIONS}/e2e.deletion/gone", params={"wait": "true", "labels": f"batch:{label}"}
            )
            ids.append(started.json()["id"])
        other = await run(api)
        for params in ({}, {"includeNonTerminated": "true"}, {"nmespace": "e2e.deletion"}):
            assert (await api.client.delete(f"{EXECUTIONS}/by-query", params=params)).status_code == 400
        chosen = {"filters[labels][EQUALS][batch]": label, "deleteLogs": "true"}
        answer = await api.client.delete(f"{EXECUTIONS}/by-query", params=chosen)
        assert (answer.status_code, answer.json()["count"]) == (200, 3), answer.text
        assert [(await traces(api, each))[0] for each in (*ids, other["id"])] == [404, 404, 404, 200]
        nothing = await api.client.delete(f"{EXECUTIONS}/by-query", params=chosen)
        assert (nothing.status_code, nothing.json()["count"]) == (200, 0)


async def test_log_lines_go_by_level_task_and_execution(system):
    async with signed_in(system) as api:
        await api.save(FLOW)
        done = await run(api)
        logs = f"{API}/logs/{done['id']}"

        async def messages():
            return [line["message"] for line in (await api.client.get(logs)).json()]

        assert await messages() == ["hello", "careful"]
        assert (await api.client.delete(logs, params={"minLevel": "ERROR"})).status_code == 204
        assert await messages() == ["hello", "careful"]
        assert (await api.client.delete(logs, params={"minLevel": "WARN"})).status_code == 204
        assert await messages() == ["hello"]
        assert (await api.client.delete(logs, params={"taskId": "warn", "attempt": "0"})).status_code == 204
        assert await messages() == ["hello"]
        answer = await api.client.request("DELETE", f"{API}/logs/bulk", json=[done["id"]])
        assert (answer.status_code, answer.json()["count"]) == (200, 1)
        assert await messages() == []
        assert (await api.client.delete(logs, params={"minLevel": "LOUD"})).status_code == 400
        assert (await api.client.delete(f"{API}/logs/nobody")).status_code == 404
        of_trigger = f"{API}/logs/e2e.deletion/gone"
        assert (await api.client.delete(of_trigger)).status_code == 400
        assert (await api.client.delete(of_trigger, params={"triggerId": "none"})).status_code == 204


@pytest.mark.timeout(180)
async def test_a_rebuild_brings_nothing_back(own_system):
    async with signed_in(own_system) as api:
        await api.save(FLOW)
        gone, kept, silent = await run(api), await run(api), await run(api)
        await api.client.delete(f"{EXECUTIONS}/{gone['id']}")
        await api.client.delete(f"{API}/logs/{silent['id']}")
        before = [await traces(api, each["id"]) for each in (gone, kept, silent)]
        assert [each[:2] for each in before] == [(404, 0), (200, 2), (200, 0)]
        environment = {**os.environ, **own_system.environment}
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.indexer.rebuild",
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complained = await command.communicate()
        assert command.returncode == 0, said.decode() + complained.decode()
        assert [await traces(api, each["id"]) for each in (gone, kept, silent)] == before
