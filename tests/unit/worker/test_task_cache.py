"""Outputs that are kept for attempts with the same properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench, a_run
from toccata.plugins.families.core.debug import RETURN
from toccata.plugins.families.scripts.types import SHELL_COMMANDS

FROM_CACHE = ("INFO", "The outputs come from the task's cache")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def returned(bench: Bench, text: str, number: int, cache: Any, **variables: Any) -> AttemptEnded:
    run = a_run(
        RETURN.name,
        {"format": text},
        1,
        attempt=number,
        task={"taskCache": cache},
        variables={"at": number, **variables},
    )
    return await bench.run_attempt(RETURN, run)


async def shell(bench: Bench, number: int, *commands: str) -> AttemptEnded:
    run = a_run(
        SHELL_COMMANDS.name,
        {"commands": list(commands)},
        1,
        attempt=number,
        task={"taskCache": {"enabled": True}},
    )
    return await bench.run_attempt(SHELL_COMMANDS, run)


async def test_the_same_properties_give_the_same_outputs(bench: Bench) -> None:
    cache = {"enabled": "{{ true }}", "ttl": "{{ 'PT1H' }}"}
    first = await returned(bench, "same", 1, cache)
    second = await returned(bench, "same", 2, cache)
    assert first.outputs == second.outputs == {"value": "same"}
    assert bench.messages.count(FROM_CACHE) == 1
    assert (await returned(bench, "other", 3, cache)).outputs == {"value": "other"}


async def test_each_value_of_a_loop_has_its_own(bench: Bench) -> None:
    for number, value in enumerate(("a", "b", "a"), 1):
        await returned(bench, "x", number, {"enabled": True}, taskrun={"value": value})
    assert bench.messages.count(FROM_CACHE) == 1


@pytest.mark.parametrize(
    "cache", [{"enabled": False}, {"enabled": "{{ 1 == 2 }}"}, {"enabled": True, "ttl": "PT0S"}]
)
async def test_a_cache_that_is_off_or_too_old_is_not_used(bench: Bench, cache: Any) -> None:
    await returned(bench, "x", 1, cache)
    await returned(bench, "x", 2, cache)
    assert FROM_CACHE not in bench.messages


async def test_what_fails_is_not_kept(bench: Bench) -> None:
    assert (await shell(bench, 1, "exit 1")).outcome == "failed"
    assert (await shell(bench, 2, "exit 1")).outcome == "failed"
    assert FROM_CACHE not in bench.messages


async def test_the_path_of_the_working_directory_is_no_difference(bench: Bench) -> None:
    await shell(bench, 1, "echo once > {{ workingDir }}/x", "cat {{ workingDir }}/x")
    await shell(bench, 2, "echo once > {{ workingDir }}/x", "cat {{ workingDir }}/x")
    assert FROM_CACHE in bench.messages
    assert bench.messages.count(("INFO", "once")) == 1


async def test_a_ttl_that_is_no_duration_fails_the_task(bench: Bench) -> None:
    ended = await returned(bench, "x", 1, {"enabled": True, "ttl": "soon"})
    assert (ended.outcome, ended.message[:14]) == ("failed", "taskCache.ttl:")


async def test_a_broken_cache_is_none(bench: Bench) -> None:
    await returned(bench, "x", 1, {"enabled": True})
    (uri,) = await bench.storage.below("kestra:///company")
    await bench.storage.put(uri, b"{")
    assert (await returned(bench, "x", 2, {"enabled": True})).outputs == {"value": "x"}
    assert FROM_CACHE not in bench.messages
