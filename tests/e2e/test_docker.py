"""Scripts in containers on the whole system: real services, a real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import outputs, signed_in
from tests.support.engine import IMAGE, TestEngine
from tests.support.system import System, running_system, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]
FLOW = f"""
id: containers
namespace: tests.docker
inputs:
  - {{id: name, type: STRING, defaults: Ada}}
tasks:
  - id: shared
    type: io.kestra.plugin.core.flow.WorkingDirectory
    inputFiles: {{name.txt: "{{{{ inputs.name }}}}"}}
    tasks:
      - id: inside
        type: io.kestra.plugin.scripts.python.Script
        taskRunner: {{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER}}
        containerImage: {IMAGE}
        script: |
          from kestra import Kestra
          name = open("name.txt").read()
          open("greeting.txt", "w").write(f"Hello, {{name}}!")
          Kestra.outputs({{"length": len(name)}})
      - id: beside
        type: io.kestra.plugin.scripts.shell.Commands
        outputFiles: [greeting.txt]
        commands: [cat greeting.txt]
"""
LONG = f"""
id: long
namespace: tests.docker
tasks:
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER}}
    containerImage: {IMAGE}
    outputFiles: [done.txt]
    commands:
      - echo begun
      - while [ ! -e go ]; do sleep 0.1; done
      - echo done > done.txt
"""


@pytest.fixture(scope="module")
async def containing(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory, engine: TestEngine
) -> AsyncIterator[System]:
    settings = {"TOCCATA_WORKER_CONTAINER_HOST": engine.host}
    async with running_system(
        kafka, postgres_server, tmp_path_factory.mktemp("containers"), settings
    ) as running:
        yield running


async def test_tasks_in_containers_and_processes_share_a_directory(containing: System) -> None:
    async with signed_in(containing) as api:
        await api.save(FLOW)
        page = await api.execute("tests.docker", "containers", wait=True)
        assert page["state"]["current"] == "SUCCESS", page
        assert outputs(page, "inside")["vars"] == {"length": 3}
        assert outputs(page, "inside")["taskRunner"]["containerId"]
        assert list(outputs(page, "beside")["outputFiles"]) == ["greeting.txt"]

        async def said() -> bool:
            return ("INFO", "Hello, Ada!") in await api.lines(page["id"])

        assert await within(15, said)


async def test_a_kill_over_the_api_stops_the_container(containing: System, engine: TestEngine) -> None:
    async with signed_in(containing) as api:
        await api.save(LONG)
        started = await api.execute("tests.docker", "long")
        container = await running_container(engine, started["id"])
        killed = await api.client.delete(f"/api/v1/main/executions/{started['id']}/kill")
        assert killed.status_code == 202, killed.text
        await api.reached(started["id"], "KILLED")
    assert container not in [each["Id"] for each in of_execution(engine, started["id"])]


async def test_the_container_of_a_dead_worker_is_taken_over(containing: System, engine: TestEngine) -> None:
    async with signed_in(containing) as api:
        await api.save(LONG)
        started = await api.execute("tests.docker", "long")
        container = await running_container(engine, started["id"])
        await containing.restart("worker", kill=True)

        async def taken() -> bool:
            found = of_execution(engine, started["id"])
            return [each["Id"] for each in found] == [container] and found[0]["Names"][0].endswith("-2")

        assert await within(60, taken)
        await asyncio.to_thread(go, engine, container)
        page = await api.reached(started["id"], "SUCCESS")
        run = page["taskRunList"][0]
        assert len(run["attempts"]) == 2
        assert outputs(page, "work")["taskRunner"]["containerId"] == container
        assert list(outputs(page, "work")["outputFiles"]) == ["done.txt"]
    assert of_execution(engine, started["id"]) == []


def of_execution(engine: TestEngine, execution_id: str) -> list[dict[str, Any]]:
    filters = f'{{"label":["kestra.io/execution-id={execution_id}"]}}'
    return list(engine.get("/containers/json", all="true", filters=filters))


async def running_container(engine: TestEngine, execution_id: str) -> str:
    async def found() -> str:
        running = [each for each in of_execution(engine, execution_id) if each["State"] == "running"]
        return str(running[0]["Id"]) if running else ""

    return await within(60, found)


def go(engine: TestEngine, container: str) -> None:
    folder = Path(engine.inspect(container)["Config"]["WorkingDir"])
    command = {"Cmd": ["/bin/touch", str(folder / "go")]}
    made = engine.client.post(f"/containers/{container}/exec", json=command).json()
    engine.client.post(f"/exec/{made['Id']}/start", json={"Detach": True})
