"""Tasks on a container engine itself, against a real one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.engine import IMAGE, TestEngine
from tests.support.http_server import http_server
from tests.support.registry import Registry
from toccata.plugin import ContainerRules, TaskType
from toccata.plugins.families.scripts import engine as tasks

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.processes,
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]
_numbers = iter(range(1, 1000))


@pytest.fixture
def bench(tmp_path: Path, engine: TestEngine) -> Bench:
    return Bench(tmp_path, containers=engine.rules)


@pytest.fixture
def name(engine: TestEngine) -> Iterator[str]:
    """A name for images that no other test has."""
    own = f"toccata-tests-{time.time_ns()}"
    yield own
    for image in engine.get("/images/json"):
        for tag in image["RepoTags"] or ():
            if tag.startswith(own):
                engine.client.delete(f"/images/{tag}", params={"force": "true"})


async def ran(bench: Bench, task_type: TaskType, **written: Any) -> Any:
    number = next(_numbers) + int(time.time()) * 1000
    variables = {
        "task": {"id": "t", "type": task_type.name},
        "flow": {"id": "f", "namespace": "company.team"},
        "execution": {"id": "e1"},
    }
    return await bench.run(task_type, written, number=number, variables=variables)


async def done(bench: Bench, task_type: TaskType, **written: Any) -> dict[str, Any]:
    ended = await ran(bench, task_type, **written)
    assert ended.outcome == "succeeded", ended.message
    return dict(ended.outputs)


async def test_an_image_is_built_of_files_and_run(bench: Bench, engine: TestEngine, name: str) -> None:
    dockerfile = (
        f'FROM {IMAGE}\nARG WHO\nCOPY greeting.txt /data/\nRUN echo "hello $WHO" >> /data/greeting.txt\n'
        'ENTRYPOINT ["cat"]\nCMD ["/data/greeting.txt"]\n'
    )
    built = await done(
        bench, tasks.BUILD, dockerfile=dockerfile, tags=[f"{name}:1"], pull=False, buildArgs={"WHO": "ada"},
        labels={"team": "data"}, inputFiles={"greeting.txt": "first\n"},
    )  # fmt: skip
    found = engine.get(f"/images/{name}:1/json")
    assert found["Id"].removeprefix("sha256:").startswith(built["imageId"])
    assert found["Config"]["Labels"]["team"] == "data"
    ended = await done(bench, tasks.RUN, containerImage=f"{name}:1", pullPolicy="NEVER")
    assert ended["exitCode"] == 0
    assert [message for _, message in bench.messages][-2:] == ["first", "hello ada"]


async def test_the_dockerfile_may_be_a_file_and_a_build_that_fails_says_why(bench: Bench, name: str) -> None:
    files = {"my.dockerfile": f"FROM {IMAGE} AS first\nRUN echo one\nFROM first\nRUN false-program\n"}
    written = {"dockerfile": "my.dockerfile", "tags": [name], "pull": False, "inputFiles": files}
    await done(bench, tasks.BUILD, **written, target="first")
    ended = await ran(bench, tasks.BUILD, **written)
    assert ended.outcome == "failed"
    assert "false-program" in ended.message


async def test_a_container_keeps_files_and_its_exit_code_fails_the_task(bench: Bench) -> None:
    written = {"containerImage": IMAGE, "pullPolicy": "NEVER", "env": {"WHO": "ada"}}
    outputs = await done(
        bench, tasks.RUN, **written, commands=["sh", "-c", "cat in.txt > out.txt; echo $WHO >> out.txt"],
        inputFiles={"in.txt": "in\n"}, outputFiles=["out.txt"],
    )  # fmt: skip
    assert await bench.storage.get(outputs["outputFiles"]["out.txt"]) == b"in\nada\n"
    ended = await ran(bench, tasks.RUN, **written, commands=["sh", "-c", "exit 3"])
    assert (ended.outcome, ended.outputs["exitCode"]) == ("failed", 3)


async def test_an_image_is_named_pushed_with_a_sign_in_and_pulled(bench: Bench, engine: TestEngine) -> None:
    registry = Registry(username="ada", password="planted-password")
    async with http_server(registry) as server:
        address = server.url.removeprefix("http://")
        target = f"{address}/team/tools:2"
        credentials = {"registry": address, "username": "ada", "password": "planted-password"}
        await done(bench, tasks.TAG, sourceImage=IMAGE, targetImage=target)
        refused = await ran(bench, tasks.PUSH, tags=[target])
        await done(bench, tasks.PUSH, tags=[target], credentials=credentials)
        await done(bench, tasks.PULL, image=registry.image(server.url), credentials=credentials)
    assert refused.outcome == "failed"
    assert f"image {target} cannot be pushed" in refused.message
    [manifest] = registry.pushed.values()
    assert json.loads(manifest)["config"]["digest"] == engine.get(f"/images/{IMAGE}/json")["Id"]
    listed = await done(bench, tasks.IMAGE_LS, imageNameFilter=f"{address}/*/*")
    assert [each["repoTags"] for each in listed["images"] if target in each["repoTags"]]
    assert listed["count"] == 1
    await done(bench, tasks.RM, imageIds=[target, registry.image(server.url)])
    assert (await done(bench, tasks.IMAGE_LS, imageNameFilter=f"{address}/*/*"))["count"] == 0
    assert "planted-password" not in str(bench.messages)


async def test_a_container_that_runs_is_stopped_and_removed(bench: Bench, engine: TestEngine) -> None:
    for written in ({"kill": True}, {}):
        started = await done(
            bench, tasks.RUN, containerImage=IMAGE, pullPolicy="NEVER", commands=["sleep", "1000"], wait=False
        )
        container = started["taskRunner"]["containerId"]
        assert engine.inspect(container)["State"]["Running"]
        if not written:
            await done(bench, tasks.STOP, containerId=container, kill=True, delete=False)
            assert not engine.inspect(container)["State"]["Running"]
            await done(bench, tasks.RM, containerIds=[container])
        else:
            await done(bench, tasks.STOP, containerId=container, **written)
        assert engine.client.get(f"/containers/{container}/json").status_code == 404


async def test_what_no_flow_made_is_left_alone_unless_the_worker_allows_it(
    bench: Bench, engine: TestEngine, tmp_path: Path
) -> None:
    made = engine.client.post(
        "/containers/create", json={"Image": IMAGE, "Cmd": ["id"], "Labels": {"own": "tests"}}
    ).json()
    try:
        for task_type, written in (
            (tasks.RM, {"containerIds": [made["Id"]]}),
            (tasks.STOP, {"containerId": made["Id"]}),
            (tasks.PRUNE, {"pruneType": "CONTAINERS"}),
        ):
            ended = await ran(bench, task_type, **written)
            assert ended.outcome == "failed"
            assert "TOCCATA_WORKER_CONTAINER_FOREIGN" in ended.message
        assert engine.inspect(made["Id"])
        allowed = Bench(tmp_path / "allowed", containers=replace(engine.rules, foreign=True))
        await done(allowed, tasks.PRUNE, pruneType="CONTAINERS", labelFilters=["own=tests"])
        assert engine.client.get(f"/containers/{made['Id']}/json").status_code == 404
    finally:
        engine.remove(made["Id"])


async def test_pruning_images_keeps_what_the_filter_does_not_name(
    bench: Bench, engine: TestEngine, name: str
) -> None:
    await done(
        bench, tasks.BUILD, dockerfile=f"FROM {IMAGE}\n", tags=[name], pull=False, labels={"own": name}
    )
    await done(bench, tasks.PRUNE, pruneType="IMAGES", labelFilters=[f"own={name}"])
    assert engine.client.get(f"/images/{name}/json").status_code == 404
    assert engine.client.get(f"/images/{IMAGE}/json").is_success


async def test_a_worker_that_runs_no_containers_or_has_no_engine_says_so(tmp_path: Path) -> None:
    refused = Bench(tmp_path / "a", containers=ContainerRules(containers="refused"))
    ended = await ran(refused, tasks.PULL, image="any")
    assert "this worker runs no containers" in ended.message
    away = Bench(tmp_path / "b", containers=ContainerRules(host=f"unix://{tmp_path}/none.sock"))
    assert "No container engine answers" in (await ran(away, tasks.IMAGE_LS)).message
    ended = await ran(away, tasks.PULL, image="any", host="tcp://elsewhere:1")
    assert "TOCCATA_WORKER_CONTAINER_HOSTS" in ended.message


async def test_a_name_leads_to_nothing_else_of_the_engine(bench: Bench) -> None:
    for task_type, written in (
        (tasks.RM, {"imageIds": ["../containers/database?force=true"]}),
        (tasks.RM, {"containerIds": ["a/../../images/b"]}),
        (tasks.STOP, {"containerId": "../volumes/prune?"}),
        (tasks.PUSH, {"tags": ["../containers/database/kill?"]}),
        (tasks.TAG, {"sourceImage": "../containers/database/kill?", "targetImage": "a"}),
    ):
        ended = await ran(bench, task_type, **written)
        assert "is neither id nor name of" in ended.message, ended.message
