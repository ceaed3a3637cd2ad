"""Inputs of a few bytes that stand for gigabytes: their execution fails with the reason, and no process restarts."""

from __future__ import annotations

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.life import Watch, watching

pytestmark = [pytest.mark.processes, pytest.mark.servers]

RETURN = "io.kestra.plugin.core.debug.Return"
NUMBER = "{{ inputs.n | number('BIGDECIMAL') }}"
SHARED = "{% set a = [1,1,1,1,1,1,1,1,1,1] %}" + "{% set a = [a,a,a,a,a,a,a,a,a,a] %}" * 9 + "{{ a }}"
HEAD = "namespace: large\ninputs:\n  - {id: n, type: STRING}\n"
FLOWS = {
    "in_a_task": f'tasks:\n  - {{id: t, type: {RETURN}, format: "{NUMBER}"}}\n',
    "in_a_condition": "tasks:\n  - id: t\n    type: io.kestra.plugin.core.flow.If\n"
    f'    condition: "{NUMBER}"\n    then:\n      - {{id: never, type: {RETURN}, format: a}}\n',
    "in_an_output": f"tasks:\n  - {{id: t, type: {RETURN}, format: a}}\n"
    f'outputs:\n  - {{id: o, type: STRING, value: "{NUMBER}"}}\n',
    "shared_parts": f'tasks:\n  - {{id: t, type: {RETURN}, format: "{SHARED}"}}\n',
}


async def test_an_execution_fails_and_says_why_and_nothing_restarts(system):
    before = _pids(system)
    async with signed_in(system) as api, watching(system.kafka) as watch:
        for name, tasks in FLOWS.items():
            await api.save(f"id: {name}\n{HEAD}{tasks}")
            started = await api.execute("large", name, {"n": "1e4000000000"})
            assert (await watch.ended(started["id"], 60)).state.value == "FAILED", name
            await _says_why(api, watch, started["id"])
    assert _pids(system) == before


def _pids(system) -> dict[str, int]:
    return {name: replica.pid for name, replica in system.replicas.items()}


async def _says_why(api: Api, watch: Watch, execution_id: str) -> None:
    seen = watch.life.executions[execution_id]
    logged = await api.client.get(f"{API}/logs/{execution_id}")
    said = [seen.reason, *(run.message for run in seen.runs.values())]
    said += [line["message"] for line in logged.json()]
    assert any("digits" in text or "memory" in text for text in said), said
