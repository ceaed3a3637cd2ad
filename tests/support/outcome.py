"""How a task ended on a bench."""

from __future__ import annotations

from typing import Any

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.plugin import TaskType


def good(ended: AttemptEnded) -> dict[str, Any]:
    assert ended.outcome == "succeeded", ended.message
    return dict(ended.outputs)


async def why(bench: Bench, task: TaskType, properties: dict[str, Any]) -> str:
    ended = await bench.run(task, properties)
    assert ended.outcome == "failed"
    return ended.message
