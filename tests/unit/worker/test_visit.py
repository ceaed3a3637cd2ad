"""The steps of a directory that attempts share, and what they find in it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from contracts.work import Directory
from services.worker.directories import IDLE_SECONDS, Directories
from tests.support.attempt import Bench, a_run
from toccata.plugins.families.scripts.types import SHELL_COMMANDS

FLOWABLE = "io.kestra.plugin.core.flow.WorkingDirectory"
VARIABLES = {
    "flow": {"id": "f", "namespace": "company.team"},
    "task": {"id": "w"},
    "taskrun": {"id": "tr1"},
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def step(bench: Bench, name: Any, number: int = 1, **properties: Any) -> AttemptEnded:
    run = a_run(FLOWABLE, properties, 1, attempt=number, directory=Directory("d", name), variables=VARIABLES)
    return await bench.run_attempt(None, run)


async def use(bench: Bench, *commands: str) -> AttemptEnded:
    run = a_run(
        SHELL_COMMANDS.name,
        {"commands": list(commands)},
        2,
        directory=Directory("d"),
        variables=VARIABLES,
    )
    return await bench.run_attempt(SHELL_COMMANDS, run)


async def test_files_go_in_stay_and_come_out(bench: Bench) -> None:
    await step(bench, "enter", inputFiles={"a.txt": "A"})
    assert (await use(bench, "cp a.txt b.txt")).outcome == "succeeded"
    assert (await use(bench, "test -e b.txt")).outcome == "succeeded"
    left = await step(bench, "leave", 2, outputFiles=["b.txt"])
    assert await bench.storage.get(left.outputs["outputFiles"]["b.txt"]) == b"A"
    assert left.outputs["outputFiles"]["b.txt"].startswith(
        "kestra:///company/team/f/executions/e1/tasks/t1/tr1/"
    )
    assert list(bench.scratch.iterdir()) == []


async def test_namespace_files_are_there_and_input_files_win(bench: Bench) -> None:
    await bench.namespaces.files.put("company.team", "/lib/x.py", b"x = 1")
    await bench.namespaces.files.put("company.team", "/a.txt", b"of the namespace")
    await step(bench, "enter", namespaceFiles={"enabled": "true"}, inputFiles={"a.txt": "own"})
    ended = await use(bench, "cat lib/x.py a.txt")
    assert ended.outcome == "succeeded"
    assert ("INFO", "x = 1own") in bench.messages


async def test_an_attempt_without_its_directory_is_lost(bench: Bench) -> None:
    assert (await use(bench, "true")).outcome == "lost"
    assert (await step(bench, "leave")).outcome == "lost"
    await step(bench, "enter")
    await step(bench, "discard", 2)
    assert (await use(bench, "true")).outcome == "lost"


async def test_a_directory_that_cannot_be_filled_is_removed(bench: Bench) -> None:
    ended = await step(bench, "enter", inputFiles={"../x": "no"})
    assert ended.outcome == "failed"
    assert "must be relative and stay in the working directory" in ended.message
    assert list(bench.scratch.iterdir()) == []


async def test_a_name_cannot_lead_out_through_a_link(bench: Bench) -> None:
    await step(bench, "enter", cache={"patterns": ["link"]})
    await use(bench, "ln -s /tmp link")
    run = a_run(
        SHELL_COMMANDS.name,
        {"commands": ["true"], "inputFiles": {"link/x": "no"}},
        3,
        directory=Directory("d"),
        variables=VARIABLES,
    )
    ended = await bench.run_attempt(SHELL_COMMANDS, run)
    assert "leads out of the working directory through a link" in ended.message
    await step(bench, "leave", 2, cache={"patterns": ["**"]})
    assert list(bench.scratch.iterdir()) == []


async def test_the_cache_gives_the_files_of_the_last_time(bench: Bench) -> None:
    cache = {"patterns": ["kept/**"], "ttl": "PT1H"}
    await step(bench, "enter", cache=cache)
    await use(bench, "mkdir kept", "echo 'echo run' > kept/tool", "chmod +x kept/tool", "touch other")
    await step(bench, "leave", 2, cache=cache)
    await step(bench, "enter", 3, cache=cache)
    assert (await use(bench, "./kept/tool", "test ! -e other")).outcome == "succeeded"
    await step(bench, "leave", 4, cache=cache)
    assert ("DEBUG", "The files of the cache did not change") in bench.messages


async def test_a_cache_that_is_too_old_or_broken_is_not_used(bench: Bench) -> None:
    uri = "kestra:///company/team/f/w/cache/cache.zip"
    await bench.storage.put(uri, b"no archive")
    assert (await step(bench, "enter", cache={"patterns": ["x"]})).outcome == "succeeded"
    assert any(text.startswith("The cache cannot be read") for _, text in bench.messages)
    await step(bench, "discard", 2)
    await step(bench, "enter", 3, cache={"patterns": ["x"], "ttl": "PT0S"})
    assert ("DEBUG", "The cache is too old, and is not used") in bench.messages


async def test_directories_that_nobody_uses_for_a_day_are_removed(tmp_path: Path) -> None:
    now = time.monotonic()
    directories = Directories(tmp_path, lambda: now)
    directories.make("used")
    directories.make("idle")
    assert directories.take("used") is not None
    now += IDLE_SECONDS + 1
    assert await directories.remove_idle() == ["idle"]
    assert directories.names() == ["used"]
    directories.give_back("used")
    assert await directories.remove_idle() == []
    assert len(await asyncio.to_thread(lambda: list(tmp_path.iterdir()))) == 1
