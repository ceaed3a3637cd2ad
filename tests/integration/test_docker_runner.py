"""Scripts in containers of a real engine, run by the worker's own runner."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench, a_run
from tests.support.engine import IMAGE, TestEngine
from tests.support.http_server import Give, http_server
from tests.support.registry import Registry
from toccata.kit.container import ContainerRules
from toccata.plugins.families.scripts.languages import PERL_SCRIPT
from toccata.plugins.families.scripts.run.docker.orphan import left_by, remove_left
from toccata.plugins.families.scripts.types import PYTHON_SCRIPT as PYTHON
from toccata.plugins.families.scripts.types import SHELL_COMMANDS as SHELL

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.processes,
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"
UNKNOWN = '{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'
_numbers = iter(range(1, 1000))


@pytest.fixture
def bench(tmp_path: Path, engine: TestEngine) -> Bench:
    return Bench(tmp_path, containers=engine.rules)


def properties(*commands: str, runner: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    return {
        "commands": list(commands),
        "taskRunner": {"type": DOCKER, **(runner or {})},
        "containerImage": IMAGE,
        **others,
    }


def of_task(
    task_type: Any = SHELL, number: int | None = None, attempt: int = 1, **fields: Any
) -> dict[str, Any]:
    """Fields of an attempt whose task run no other test has."""
    return {
        "number": number or next(_numbers) + int(time.time()) * 1000,
        "attempt": attempt,
        "variables": {
            "task": {"id": "t", "type": task_type.name},
            "flow": {"id": "f", "namespace": "company.team"},
            "execution": {"id": "e1"},
        },
        **fields,
    }


async def shell(
    bench: Bench, *commands: str, runner: dict[str, Any] | None = None, **others: Any
) -> AttemptEnded:
    return await bench.run(SHELL, properties(*commands, runner=runner, **others), **of_task())


async def until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)
    return found


async def running_container(engine: TestEngine, task_run: str) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        return [each for each in engine.containers(task_run) if each["State"] == "running"]

    only: dict[str, Any] = (await until(found))[0]
    return only


@pytest.mark.parametrize("strategy", ["VOLUME", "MOUNT"])
async def test_files_go_in_and_out_and_outputs_are_read(
    bench: Bench, engine: TestEngine, strategy: str
) -> None:
    fields = of_task(PYTHON)
    ended = await bench.run(
        PYTHON,
        {
            "taskRunner": {"type": DOCKER, "fileHandlingStrategy": strategy},
            "containerImage": IMAGE,
            "env": {"GREETING": "hello"},
            "inputFiles": {"in/name.txt": "you"},
            "outputFiles": ["out/*.txt"],
            "script": "import os, pathlib\n"
            "from kestra import Kestra\n"
            "assert os.getcwd() == '{{ workingDir }}' == os.environ['WORKING_DIR']\n"
            "pathlib.Path('out').mkdir()\n"
            "pathlib.Path('out/said.txt').write_text(os.environ['GREETING'] + ' ' + open('in/name.txt').read())\n"
            "print('in the container')\n"
            "Kestra.outputs({'root': os.path.exists('/work'), 'home': os.environ.get('TOCCATA_HOME')})\n",
        },
        **fields,
    )
    assert ended.outcome == "succeeded", bench.messages
    assert ended.outputs["vars"] == {"root": True, "home": None}
    assert len(ended.outputs["taskRunner"]["containerId"]) == 64
    assert ("INFO", "in the container") in bench.messages
    assert list(ended.outputs["outputFiles"]) == ["out/said.txt"]
    assert await bench.storage.get(ended.outputs["outputFiles"]["out/said.txt"]) == b"hello you"
    assert engine.containers(f"tr{fields['number']}") == []


async def test_an_exit_code_fails_the_task_and_outputs_are_kept(bench: Bench) -> None:
    ended = await shell(
        bench,
        """echo '::{"outputs":{"a":1}}::'""",
        "echo wrong >&2",
        "echo kept > kept.txt",
        "exit 3",
        outputFiles=["*.txt"],
    )
    assert (ended.outcome, ended.message) == ("failed", "Command failed with exit code 3")
    assert (ended.outputs["vars"], ended.outputs["exitCode"]) == ({"a": 1}, 3)
    assert list(ended.outputs["outputFiles"]) == ["kept.txt"]
    assert ("ERROR", "wrong") in bench.messages


async def test_nothing_of_the_workers_environment_is_in_the_container(bench: Bench) -> None:
    await shell(bench, "env", env={"MINE": {"a": 1}})
    names = {message.split("=")[0] for _, message in bench.messages}
    assert (
        {"MINE", "WORKING_DIR", "PATH"} <= names <= {"MINE", "WORKING_DIR", "PATH", "HOME", "HOSTNAME", "PWD"}
    )
    assert ("INFO", 'MINE={"a":1}') in bench.messages


async def test_a_hundred_thousand_lines_arrive_in_order(bench: Bench) -> None:
    ended = await bench.run(
        PYTHON,
        {
            "script": "import sys\nsys.stdout.write(''.join(f'{n}\\n' for n in range(100_000)))",
            "taskRunner": {"type": DOCKER},
            "containerImage": IMAGE,
        },
        **of_task(PYTHON),
    )
    assert ended.outcome == "succeeded", bench.messages
    assert [int(line.message) for line in bench.lines] == list(range(100_000))


async def test_what_the_flow_wants_is_what_the_engine_is_told(bench: Bench, engine: TestEngine) -> None:
    runner = {
        "cpu": {"cpus": "{{ 1 / 2.0 }}"},
        "memory": {"memory": "64MB", "memoryReservation": 33554432},
        "shmSize": "8m",
        "networkMode": "none",
        "user": "1000",
        "extraHosts": ["there:10.0.0.1"],
        "entryPoint": ["/bin/env", "FIRST=1"],
        "delete": False,
    }
    ended = await shell(
        bench, "id -u", "echo $FIRST", "echo ok > made.txt", runner=runner, outputFiles=["made.txt"]
    )
    found = engine.inspect(ended.outputs["taskRunner"]["containerId"])
    engine.remove(found["Id"])
    host = found["HostConfig"]
    assert ended.outcome == "succeeded", bench.messages
    assert (host["NanoCpus"], host["Memory"], host["MemoryReservation"]) == (500_000_000, 64 << 20, 32 << 20)
    assert (host["ShmSize"], host["NetworkMode"], host["ExtraHosts"]) == (8 << 20, "none", ["there:10.0.0.1"])
    assert not host["Privileged"]
    assert [message for _, message in bench.messages][:2] == ["1000", "1"]
    assert found["Config"]["Labels"]["kestra.io/flow-id"] == "f"
    assert list(ended.outputs["outputFiles"]) == ["made.txt"]


async def test_a_script_over_its_memory_is_ended_and_the_log_says_why(bench: Bench) -> None:
    ended = await bench.run(
        PYTHON,
        {
            "script": "held = bytearray(200_000_000)\nfor n in range(0, len(held), 4096): held[n] = 1",
            "taskRunner": {"type": DOCKER, "memory": {"memory": "32MB", "memorySwap": "32MB"}},
            "containerImage": IMAGE,
        },
        **of_task(PYTHON),
    )
    assert (ended.outcome, ended.outputs["exitCode"]) == ("failed", 137)
    assert any("more memory than its limit" in message for _, message in bench.messages)


@pytest.mark.parametrize(("grace", "last"), [("PT0S", []), ("PT20S", ["told to stop"])])
async def test_a_kill_stops_the_container(
    bench: Bench, engine: TestEngine, grace: str, last: list[str]
) -> None:
    fields = of_task()
    written = properties(
        "trap 'echo told to stop; exit 0' TERM", "echo started", "while :; do sleep 0.1; done",
        runner={"killGracePeriod": grace},
    )  # fmt: skip
    runner = bench.runner(SHELL, a_run(SHELL.name, written, **fields))
    running = asyncio.ensure_future(runner.run())
    started = asyncio.Event()
    bench.outbox.on_post = lambda: started.set() if ("INFO", "started") in bench.messages else None
    await asyncio.wait_for(started.wait(), 30)
    runner.stop("cancelled")
    running.cancel()
    await running
    await runner.close()
    assert runner.outcome == "cancelled"
    assert engine.containers(f"tr{fields['number']}") == []
    assert [message for level, message in bench.messages if level == "INFO"] == ["started", *last]


async def test_a_timeout_stops_the_container(bench: Bench, engine: TestEngine) -> None:
    fields = of_task(timeout_template="PT2S")
    ended = await bench.run(SHELL, properties("sleep 600"), **fields)
    assert (ended.outcome, ended.message) == ("timed_out", "Timeout after PT2S")
    assert engine.containers(f"tr{fields['number']}") == []


async def test_a_program_that_the_image_does_not_have_is_named(bench: Bench) -> None:
    ended = await shell(bench, "echo hi", interpreter=["/bin/nothing-here", "-c"])
    assert ended.outcome == "failed"
    assert ended.message.startswith(f"the container of image {IMAGE} cannot start: ")
    assert "/bin/nothing-here" in ended.message


async def test_an_image_that_is_not_there_and_may_not_be_pulled(bench: Bench) -> None:
    ended = await shell(bench, "true", runner={"pullPolicy": "NEVER"}, containerImage="toccata-none:1")
    assert ended.outcome == "failed"
    assert "toccata-none:1" in ended.message
    assert "No such image" in ended.message


async def test_an_image_that_no_registry_has_fails_at_once(bench: Bench) -> None:
    async with http_server(
        lambda got: Give(404, UNKNOWN) if "manifests" in got.path else Give(200, "{}")
    ) as registry:
        name = registry.url.removeprefix("http://") + "/none:1"
        ended = await shell(bench, "true", containerImage=name)
    assert ended.outcome == "failed"
    assert ended.message.startswith(f"image {name} cannot be pulled: ")


async def test_a_registry_that_fails_is_asked_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toccata.plugins.families.scripts.run.docker.image.FIRST_WAIT_SECONDS", 0.05)
    registry = Registry(failures=2)
    async with http_server(registry) as server:
        ended = await shell(
            bench, "true", containerImage=registry.image(server.url), runner={"pullPolicy": "ALWAYS"}
        )
    again = [message for level, message in bench.messages if level == "WARN"]
    assert again, bench.messages
    assert all("trying again" in message for message in again)
    assert ended.outcome == "failed"  # the image is empty, so there is no shell in it
    assert "cannot start" in ended.message


@pytest.mark.parametrize("how", ["credentials", "config", "neither"])
async def test_a_registry_gets_the_sign_in(bench: Bench, how: str) -> None:
    registry = Registry(username="ada", password="planted-password")
    async with http_server(registry) as server:
        address = server.url.removeprefix("http://")
        runner: dict[str, Any] = {"pullPolicy": "ALWAYS"}
        if how == "credentials":
            runner["credentials"] = {"username": "ada", "password": "planted-password"}
        if how == "config":
            runner["config"] = {"auths": {address: {"auth": registry.auth}}}
        ended = await shell(bench, "true", containerImage=registry.image(server.url), runner=runner)
    expected = "cannot be pulled" if how == "neither" else "cannot start"
    assert expected in ended.message
    assert "planted-password" not in str(bench.messages) + ended.message


async def test_a_worker_without_an_engine_says_what_to_do(tmp_path: Path) -> None:
    bench = Bench(tmp_path, containers=ContainerRules(host=f"unix://{tmp_path}/none.sock"))
    ended = await shell(bench, "echo hi")
    assert ended.outcome == "failed"
    assert ended.message.startswith("No container engine answers: ")
    assert "TOCCATA_WORKER_CONTAINER_HOST" in ended.message
    assert "core.runner.Process" in ended.message


async def test_where_it_may_the_task_runs_as_a_process_and_a_warning_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, containers=ContainerRules("preferred", f"unix://{tmp_path}/none.sock"))
    ended = await shell(bench, "echo hi")
    assert ended.outcome == "succeeded", bench.messages
    assert "taskRunner" not in ended.outputs
    (warning,) = [message for level, message in bench.messages if level == "WARN"]
    assert warning.startswith("No container engine answers")
    assert "runs on the worker itself" in warning
    assert IMAGE in warning


@pytest.mark.parametrize(
    ("runner", "rules", "said"),
    [
        ({"privileged": True}, {}, "TOCCATA_WORKER_CONTAINER_PRIVILEGED"),
        ({"host": "tcp://10.1.2.3:2375"}, {}, "TOCCATA_WORKER_CONTAINER_HOSTS"),
        ({"networkMode": "host"}, {"network": False}, "TOCCATA_WORKER_SCRIPT_NETWORK"),
        ({}, {"containers": "refused"}, "TOCCATA_WORKER_CONTAINERS"),
    ],
)
async def test_what_the_worker_forbids_is_refused(
    bench: Bench, engine: TestEngine, tmp_path: Path, runner: dict[str, Any], rules: dict[str, Any], said: str
) -> None:
    strict = Bench(tmp_path / "strict", containers=replace(engine.rules, **rules))
    ended = await shell(strict, "echo hi", runner=runner)
    assert ended.outcome == "failed"
    assert said in ended.message


async def test_a_worker_without_network_gives_containers_none(engine: TestEngine, tmp_path: Path) -> None:
    bench = Bench(tmp_path, containers=replace(engine.rules, network=False))
    ended = await shell(bench, "ls /sys/class/net", runner={"delete": False})
    found = engine.inspect(ended.outputs["taskRunner"]["containerId"])
    engine.remove(found["Id"])
    assert found["HostConfig"]["NetworkMode"] == "none"
    assert [message for level, message in bench.messages if level == "INFO"] == ["lo"]


@pytest.mark.parametrize("allowed", [False, True])
async def test_volumes_are_mounted_only_where_the_worker_allows_it(
    engine: TestEngine, tmp_path: Path, allowed: bool
) -> None:
    bench = Bench(tmp_path / "bench", containers=replace(engine.rules, volumes=allowed))
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file.txt").write_text("of the machine")
    await shell(bench, "cat /given/file.txt || echo none", runner={"volumes": [f"{tmp_path}/there:/given"]})
    said = [message for _, message in bench.messages]
    assert ("of the machine" in said) is allowed
    assert any("TOCCATA_WORKER_CONTAINER_VOLUMES" in message for message in said) is not allowed


async def test_the_old_words_run_a_container_too(bench: Bench) -> None:
    old = {"commands": ["ls -d /work"], "runner": "DOCKER", "docker": {"image": IMAGE, "pullPolicy": "NEVER"}}
    assert (await bench.run(SHELL, old, **of_task())).outcome == "succeeded"
    old = {"commands": ["ls -d /work"], "docker": {"image": IMAGE}}
    ended = await bench.run(SHELL, old, **of_task())
    assert "containerId" in ended.outputs["taskRunner"]


async def test_another_language_runs_in_its_image(bench: Bench) -> None:
    written = {"script": "print 1;", "taskRunner": {"type": DOCKER}, "containerImage": IMAGE}
    ended = await bench.run(PERL_SCRIPT, written, **of_task(PERL_SCRIPT))
    assert ended.outputs["exitCode"] == 127  # this image has no perl, whatever the worker has
    assert any("perl" in message for _, message in bench.messages)


async def test_without_wait_the_task_ends_and_the_container_goes_on(bench: Bench, engine: TestEngine) -> None:
    ended = await shell(bench, "sleep 600", runner={"wait": False})
    found = engine.inspect(ended.outputs["taskRunner"]["containerId"])
    engine.remove(found["Id"])
    assert ended.outputs["exitCode"] == 0
    assert found["State"]["Running"]


async def test_the_next_attempt_goes_on_with_the_container_of_a_lost_one(
    bench: Bench, engine: TestEngine
) -> None:
    fields = of_task()
    task_run = f"tr{fields['number']}"
    written = properties(
        "echo begun", "while [ ! -e go ]; do sleep 0.05; done", "echo done > result.txt",
        """echo '::{"outputs":{"a":1}}::'""", outputFiles=["result.txt"],
    )  # fmt: skip
    lost = bench.runner(SHELL, a_run(SHELL.name, written, **fields))
    losing = asyncio.ensure_future(lost.run())
    first = await running_container(engine, task_run)
    next_one = Bench(bench.home / "next", containers=engine.rules)
    second = next_one.runner(SHELL, a_run(SHELL.name, written, **{**fields, "attempt": 2}))
    seconds = asyncio.ensure_future(second.run())
    await until(lambda: engine.containers(task_run)[0]["Names"] == [f"/toccata-{task_run}-2"])
    # The worker that was thought dead hears at last that its attempt is lost, and kills what it thinks is its own.
    lost.stop("abandoned")
    losing.cancel()
    await losing
    assert engine.inspect(first["Id"])["State"]["Running"]
    folder = engine.inspect(first["Id"])["Config"]["WorkingDir"]
    made = engine.client.post(
        f"/containers/{first['Id']}/exec", json={"Cmd": ["/bin/touch", f"{folder}/go"], "AttachStdout": True}
    ).json()
    engine.client.post(f"/exec/{made['Id']}/start", json={"Detach": True})
    await seconds
    assert second.outcome == "succeeded", next_one.messages
    said = [message for _, message in next_one.messages]
    assert said.count("begun") == 1
    assert any("goes on with the container" in message for message in said)
    assert engine.containers(task_run) == []
    await lost.close()
    await second.close()


async def test_a_container_that_may_not_be_taken_over_is_replaced(bench: Bench, engine: TestEngine) -> None:
    fields = of_task()
    task_run = f"tr{fields['number']}"
    written = properties("test -e /tmp/again || sleep 600", runner={"resume": False})
    lost = bench.runner(SHELL, a_run(SHELL.name, written, **fields))
    losing = asyncio.ensure_future(lost.run())
    first = await running_container(engine, task_run)
    quick = properties("echo second", runner={"resume": False})
    ended = await bench.run(SHELL, quick, **{**fields, "attempt": 2})
    assert ended.outcome == "succeeded", bench.messages
    assert ended.outputs["taskRunner"]["containerId"] != first["Id"]
    lost.stop("abandoned")
    losing.cancel()
    await losing
    await lost.close()
    assert engine.containers(task_run) == []


async def test_what_a_dead_worker_left_is_removed_unless_it_may_be_taken_over(
    bench: Bench, engine: TestEngine
) -> None:
    started = []
    for resume in (True, False):
        fields = of_task()
        written = properties("sleep 600", runner={"resume": resume})
        runner = bench.runner(SHELL, a_run(SHELL.name, written, **fields))
        started.append((f"tr{fields['number']}", runner, asyncio.ensure_future(runner.run())))
        await running_container(engine, f"tr{fields['number']}")
    left = await left_by(engine.rules, str(bench.home))
    assert len(left) == 2
    assert await remove_left(engine.rules, left, also_resumable=False) == 1
    assert [len(engine.containers(name)) for name, _, _ in started] == [1, 0]
    assert await remove_left(engine.rules, left, also_resumable=True) == 1
    assert await left_by(engine.rules, str(bench.home)) == []
    for _, runner, running in started:
        runner.stop("abandoned")
        running.cancel()
        await running
        await runner.close()


async def test_a_retry_does_not_go_on_with_a_container_that_failed(bench: Bench, engine: TestEngine) -> None:
    fields = of_task()
    first = await bench.run(SHELL, properties("exit 4", runner={"delete": False}), **fields)
    second = await bench.run(SHELL, properties("exit 5"), **{**fields, "attempt": 2})
    engine.remove(first.outputs["taskRunner"]["containerId"])
    assert (first.outputs["exitCode"], second.outputs["exitCode"]) == (4, 5)
