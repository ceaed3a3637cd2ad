"""Flows of a real server and of a real repository: pushed, synchronised, and pushed again."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good
from tests.support.system import PASSWORD, USERNAME, System
from tests.unit.toccata.plugins.families.git.repository import Repository
from toccata.kit.http.reach import EVERYWHERE
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.git import types

pytestmark = pytest.mark.servers
NAMESPACE = "git.dev"
VARIABLES = {"flow": {"id": "runner", "namespace": NAMESPACE}}


def source(flow_id: str, message: str = "Hello", namespace: str = NAMESPACE) -> str:
    return f"id: {flow_id}\nnamespace: {namespace}\ntasks:\n  - {{id: say, type: io.kestra.plugin.core.log.Log, message: {message}}}\n"


class Desk:
    def __init__(self, folder: Path, system: System) -> None:
        secrets = {"GIT_TOKEN": "unused", "SERVER_PASSWORD": PASSWORD}
        coded = {f"SECRET_{name}": b64encode(value.encode()).decode() for name, value in secrets.items()}
        self.system = system
        self.bench = Bench(folder / "bench", coded, local_paths=(folder / "repositories",))
        self.bench.shared.stores.reach = EVERYWHERE
        self.repository = Repository(folder / "repositories")
        self.here = {
            "url": self.repository.url,
            "kestraUrl": system.url,
            "auth": {"username": USERNAME, "password": "{{ secret('SERVER_PASSWORD') }}"},
        }

    async def run(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.bench.run(task, {**self.here, **written}, variables=VARIABLES))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        ended = await self.bench.run(task, {**self.here, **written}, variables=VARIABLES)
        assert ended.outcome == "failed"
        return ended.message

    async def rows(self, uri: str) -> list[dict[str, Any]]:
        return [read_row(line, "row") for line in (await self.bench.storage.get(uri)).splitlines()]

    async def save(self, *sources: str) -> None:
        async with self.system.client() as client:
            for each in sources:
                answer = await client.post(
                    "/api/v1/main/flows", content=each, headers={"content-type": "application/x-yaml"}
                )
                assert answer.status_code == 200, answer.text

    async def flows(self, namespace: str) -> list[str]:
        async with self.system.client() as client:
            answer = await client.get(f"/api/v1/main/flows/{namespace}")
            return sorted(each["id"] for each in answer.json())


@pytest.fixture
async def desk(tmp_path: Path, system: System) -> Desk:
    found = Desk(tmp_path, system)
    async with system.client() as client:
        listed = (
            await client.get("/api/v1/main/flows/search", params={"namespace": "git", "size": 100})
        ).json()
        for each in listed["results"]:
            await client.delete(f"/api/v1/main/flows/{each['namespace']}/{each['id']}")
    return found


async def test_flows_are_pushed_for_another_namespace(desk: Desk) -> None:
    desk.repository.commit({"_flows/old.yml": "x", "_flows/kept.md": "x"})
    await desk.save(source("load"), source("clean"), source("deep", namespace=f"{NAMESPACE}.team"))
    written = {"targetNamespace": "git.prod", "includeChildNamespaces": True, "flows": ["*", "**/*.yml"]}
    pushed = await desk.run(types.PUSH_FLOWS, written)
    files = desk.repository.files()
    assert sorted(files) == ["_flows/clean.yml", "_flows/load.yml", "_flows/team/deep.yml"]
    assert files["_flows/load.yml"] == source("load", namespace="git.prod").strip()
    assert files["_flows/team/deep.yml"] == source("deep", namespace="git.prod.team").strip()
    assert pushed["commitId"] == desk.repository.last("%H")
    assert len(await desk.rows(pushed["flows"])) == 5
    assert "commitId" not in await desk.run(types.PUSH_FLOWS, written), "nothing has changed since"


async def test_flows_become_those_of_the_repository(desk: Desk) -> None:
    await desk.save(source("changed"), source("same"), source("gone"), source("runner"))
    desk.repository.commit(
        {
            "_flows/changed.yml": source("changed", "Bye", "other"),
            "_flows/same.yaml": source("same"),
            "_flows/new.yml": source("new", namespace="other"),
            "_flows/team/deep.yml": source("deep", namespace="other.place"),
            "_flows/README.md": "no flow",
        }
    )
    written = {"targetNamespace": NAMESPACE, "includeChildNamespaces": True, "delete": True}
    dry = await desk.run(types.SYNC_FLOWS, {**written, "dryRun": True})
    assert await desk.flows(NAMESPACE) == ["changed", "gone", "runner", "same"]
    synced = await desk.run(types.SYNC_FLOWS, written)
    found = {each["flowId"]: each for each in await desk.rows(synced["flows"])}
    assert {name: each["syncState"] for name, each in found.items()} == {
        "changed": "UPDATED",
        "same": "UNCHANGED",
        "new": "ADDED",
        "deep": "ADDED",
        "gone": "DELETED",
    }
    assert found["changed"] == {
        "gitPath": "_flows/changed.yml",
        "syncState": "UPDATED",
        "flowId": "changed",
        "namespace": NAMESPACE,
        "revision": 2,
    }
    assert {each["flowId"]: each["syncState"] for each in await desk.rows(dry["flows"])} == {
        name: each["syncState"] for name, each in found.items()
    }
    assert await desk.flows(NAMESPACE) == ["changed", "new", "runner", "same"], "a flow keeps itself"
    assert await desk.flows(f"{NAMESPACE}.team") == ["deep"]


async def test_a_flow_that_cannot_be_saved_fails_the_task_or_is_left_out(desk: Desk) -> None:
    desk.repository.commit(
        {"_flows/bad.yml": "id: bad\nnamespace: x\ntasks: []\n", "_flows/good.yml": source("good")}
    )
    written = {"targetNamespace": NAMESPACE}
    assert "tasks" in await desk.why(types.SYNC_FLOWS, written)
    assert "tasks" in await desk.why(types.SYNC_FLOWS, {**written, "dryRun": True})
    synced = await desk.run(types.SYNC_FLOWS, {**written, "ignoreInvalidFlows": True})
    assert [each["flowId"] for each in await desk.rows(synced["flows"])] == ["good"]


async def test_one_flow_is_saved(desk: Desk) -> None:
    desk.repository.commit({"flows/a.yml": source("a", namespace="other")})
    written = {"targetNamespace": NAMESPACE, "flowPath": "flows/a.yml"}
    assert (await desk.run(types.SYNC_FLOW, {**written, "dryRun": True}))["revision"] == 1
    assert await desk.flows(NAMESPACE) == []
    assert await desk.run(types.SYNC_FLOW, written) == {"flowId": "a", "namespace": NAMESPACE, "revision": 1}
    assert await desk.flows(NAMESPACE) == ["a"]
    assert "has no file `gone.yml`" in await desk.why(types.SYNC_FLOW, {**written, "flowPath": "gone.yml"})


async def test_flows_go_along_with_files(desk: Desk) -> None:
    await desk.save(source("load"))
    written = {
        "branch": "main",
        "commitMessage": "m",
        "inputFiles": {"a": "1"},
        "flows": {"enabled": True, "gitDirectory": "all/flows"},
    }
    await desk.run(types.PUSH, written)
    assert sorted(desk.repository.files()) == ["a", "all/flows/load.yml"]


async def test_without_a_sign_in_the_server_refuses(desk: Desk) -> None:
    desk.repository.commit({"_flows/a.yml": source("a")})
    for auth in (None, {"username": USERNAME, "password": "wrong"}, {"apiToken": "nonsense"}):
        message = await desk.why(types.SYNC_FLOWS, {"targetNamespace": NAMESPACE, "auth": auth})
        assert message.startswith("the server does not let this task in (401): `auth` needs"), message


@pytest.mark.parametrize(
    "task", [types.PUSH_FLOWS, types.SYNC_FLOWS, types.SYNC_FLOW], ids=lambda each: each.name
)
async def test_the_example_runs(desk: Desk, task: TaskType) -> None:
    if "load" not in await desk.flows("company.team"):
        await desk.save(source("load", namespace="company.team"))
    desk.repository.commit({"_flows/load.yml": source("load", namespace="x")})
    written = example(
        task,
        hosts={
            "https://git.example.com/team/flows.git": desk.repository.url,
            "username: admin@kestra.io": f"username: {USERNAME}",
        },
    )
    good(await desk.bench.run(task, {**written, "kestraUrl": desk.system.url}, variables=VARIABLES))
