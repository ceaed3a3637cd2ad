"""A template that loops for ever ends with a clear error in any place, and does not hold up others for long."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.life import Watch, watching

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

ENDLESS = (
    "{% set r = range(0, 999) %}{% for a in r %}{% for b in r %}{% for c in r %}{% for d in r %}"
    "{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
)
"""It takes neither memory nor output, so only its steps and its time end it."""
RETURN = "io.kestra.plugin.core.debug.Return"
PLACES = {
    "a_task": f'tasks:\n  - {{id: t, type: {RETURN}, format: "{ENDLESS}"}}\n',
    "a_condition": "tasks:\n  - id: t\n    type: io.kestra.plugin.core.flow.If\n"
    f'    condition: "{ENDLESS}"\n    then:\n      - {{id: never, type: {RETURN}, format: a}}\n',
    "a_run_if": f'tasks:\n  - {{id: t, type: {RETURN}, format: a, runIf: "{ENDLESS}"}}\n',
    "values": "tasks:\n  - id: t\n    type: io.kestra.plugin.core.flow.ForEach\n"
    f'    values: "{ENDLESS}"\n    tasks:\n      - {{id: never, type: {RETURN}, format: a}}\n',
    "an_output": f"tasks:\n  - {{id: t, type: {RETURN}, format: a}}\n"
    f'outputs:\n  - {{id: o, type: STRING, value: "{ENDLESS}"}}\n',
}
INPUT = (
    f'inputs:\n  - {{id: i, type: STRING, defaults: "{ENDLESS}"}}\n'
    f'tasks:\n  - {{id: t, type: {RETURN}, format: "{{{{ inputs.i }}}}"}}\n'
)
QUICK = f"id: swift\nnamespace: endless\ntasks:\n  - {{id: t, type: {RETURN}, format: a}}\n"


async def _quick_one_ends(api: Api, seconds: float) -> None:
    began = time.monotonic()
    page = await api.execute("endless", "swift", wait=True)
    assert page["state"]["current"] == "SUCCESS"
    assert time.monotonic() - began < seconds


@pytest.mark.parametrize("place", PLACES)
async def test_an_execution_fails_and_says_so(system, place: str):
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(QUICK)
        await api.save(f"id: {place}\nnamespace: endless\n{PLACES[place]}")
        started = await api.execute("endless", place)
        seen, _ = await asyncio.gather(watch.ended(started["id"], 20), _quick_one_ends(api, 15))
        assert seen.state.value == "FAILED"
        await _says_why(api, watch, started["id"])
        await _quick_one_ends(api, 5)


async def test_a_default_is_refused(system):
    async with signed_in(system) as api:
        await api.save(QUICK)
        await api.save(f"id: an_input\nnamespace: endless\n{INPUT}")
        answer, _ = await asyncio.gather(api.try_execute("endless", "an_input"), _quick_one_ends(api, 15))
        assert answer.status_code == 422, answer.text
        given = await api.execute("endless", "an_input", {"i": "given"}, wait=True)
        assert given["state"]["current"] == "SUCCESS"


async def _says_why(api: Api, watch: Watch, execution_id: str) -> None:
    """Check for the reason in the execution, in its task's message, or in its log."""
    seen = watch.life.executions[execution_id]
    said = [seen.reason, *(run.message for run in seen.runs.values())]
    logged = await api.client.get(f"{API}/logs/{execution_id}")
    said += [line["message"] for line in logged.json()]
    words = ("steps", "processor time")
    assert any(word in text for text in said for word in words), said
