"""The state tasks, run by the worker's own runner over the registry's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.plugins.families.core.kv import SET as KV_SET
from toccata.plugins.families.core.state import DELETE, GET, SET


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def seen(flow: str = "f", value: str | None = None) -> dict[str, Any]:
    run = {"id": "tr1"} if value is None else {"id": "tr1", "value": value}
    return {"flow": {"id": flow, "namespace": "company.team"}, "taskrun": run, "n": 2}


async def set_state(
    bench: Bench, data: dict[str, Any], variables: dict[str, Any] | None = None, **more: Any
) -> AttemptEnded:
    ended = await bench.run(SET, {"data": data, **more}, variables=variables or seen())
    assert ended.outcome == "succeeded", ended.message
    return ended


async def get_state(bench: Bench, variables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    ended = await bench.run(GET, more, variables=variables or seen())
    assert ended.outcome == "succeeded", ended.message
    return dict(ended.outputs)


async def test_entries_are_merged(bench: Bench) -> None:
    assert (await set_state(bench, {"a": "{{ n }}", "b": 1})).outputs == {
        "count": 2,
        "key": "f_states_default",
    }
    assert (await set_state(bench, {"b": 3})).outputs["count"] == 2
    assert await get_state(bench) == {"count": 2, "data": {"a": "2", "b": 3}}


async def test_a_missing_state_is_empty_or_a_failure(bench: Bench) -> None:
    assert await get_state(bench) == {"count": 0, "data": {}}
    for task in (GET, DELETE):
        ended = await bench.run(task, {"errorOnMissing": True, "name": "x"}, variables=seen())
        assert (ended.outcome, ended.message) == ("failed", "There is no state `x`")


async def test_each_flow_and_each_value_of_a_loop_has_its_own(bench: Bench) -> None:
    await set_state(bench, {"a": 1})
    assert (await get_state(bench, seen("g")))["count"] == 0
    assert (await get_state(bench, seen(value="v")))["count"] == 0
    assert (await get_state(bench, seen(value="v"), taskrunValue=False))["count"] == 1
    await set_state(bench, {"a": 1}, name="all of us", namespace=True)
    assert (await get_state(bench, seen("g"), name="all of us", namespace=True))["count"] == 1


async def test_delete_says_whether_there_was_a_state(bench: Bench) -> None:
    await set_state(bench, {"a": 1})
    assert (await bench.run(DELETE, {}, variables=seen())).outputs == {"deleted": True}
    assert (await bench.run(DELETE, {}, variables=seen())).outputs == {"deleted": False}


async def test_a_state_of_a_namespace_above_is_another_one(bench: Bench) -> None:
    above = await bench.run(KV_SET, {"key": "f_states_default", "value": {"a": 1}, "namespace": "company"})
    assert above.outcome == "succeeded"
    assert await get_state(bench) == {"count": 0, "data": {}}
