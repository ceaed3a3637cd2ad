"""Runs notifications on the worker's own runner, against a server of this machine."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.kit.http.reach import EVERYWHERE
from toccata.plugin import TaskType

VARIABLES: dict[str, Any] = {
    "execution": {"id": "e1", "startDate": "2026-01-01T00:00:00Z", "state": "FAILED"},
    "flow": {"id": "load", "namespace": "company.team"},
    "outputs": {},
}


def a_bench(folder: Path, **secrets: str) -> Bench:
    bench = Bench(
        folder, {f"SECRET_{name}": b64encode(value.encode()).decode() for name, value in secrets.items()}
    )
    bench.shared.stores.reach = EVERYWHERE
    return bench


async def told(bench: Bench, task_type: TaskType, written: dict[str, Any], **more: Any) -> AttemptEnded:
    return await bench.run(task_type, written, variables={**VARIABLES, **more})
