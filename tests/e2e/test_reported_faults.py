"""Faults that users would report, each by its symptom, on a running system."""

from __future__ import annotations

import uuid

import pytest

from tests.support.api import API, anonymous, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

KEY = "4wjtkzwVGBM9yKnjm3yv8r"
HOOK = "io.kestra.plugin.core.trigger.Webhook"


def flow(task: str, more: str = "", hook: str = "") -> tuple[str, str]:
    """Return id and source of a flow with a webhook."""
    name = f"fault_{uuid.uuid4().hex[:10]}"
    trigger = f"triggers:\n  - {{id: w, type: {HOOK}, key: {KEY}{hook}}}\n"
    return name, f"id: {name}\nnamespace: faults\ntasks:\n  - {{id: r, {task}}}\n{more}{trigger}"


def address(name: str) -> str:
    return f"{API}/executions/webhook/faults/{name}/{KEY}"


async def test_a_webhook_that_was_switched_off_starts_nothing(system: System) -> None:
    name, source = flow("type: io.kestra.plugin.core.debug.Return, format: ok")
    async with signed_in(system) as api, anonymous(system) as stranger:
        await api.save(source)
        assert (await stranger.post(address(name))).status_code == 200
        key = {"namespace": "faults", "flowId": name, "triggerId": "w"}
        switched = await api.client.put(f"{API}/triggers", json={**key, "disabled": True})
        assert switched.status_code == 200, switched.text  # although the flow was saved a moment ago
        assert (await stranger.post(address(name))).status_code == 409
        await api.client.put(f"{API}/triggers", json={**key, "disabled": False})
        assert (await stranger.post(address(name))).status_code == 200


async def test_a_webhook_that_waits_answers_the_outputs_or_the_failure(system: System) -> None:
    outputs = "outputs: [{id: status, type: STRING, value: '{{ outputs.r.value }}'}]\n"
    task = "type: io.kestra.plugin.core.debug.Return, format: ok"
    good, good_source = flow(task, outputs, ", wait: true, returnOutputs: true")
    bad, bad_source = flow("type: io.kestra.plugin.core.execution.Fail", hook=", wait: true")
    async with signed_in(system) as api, anonymous(system) as stranger:
        await api.save(good_source)
        await api.save(bad_source)
        answer = await stranger.post(address(good))
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        failed = await stranger.post(address(bad))
        assert failed.status_code == 500
        assert failed.json()["state"]["current"] == "FAILED"


async def test_outputs_that_stand_in_storage_are_read_as_others(system: System) -> None:
    name = f"fault_{uuid.uuid4().hex[:10]}"
    source = (
        f"id: {name}\nnamespace: faults\ninputs: [{{id: s, type: STRING}}]\n"
        "tasks: [{id: r, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs.s }}'}]\n"
    )
    text = "x" * 60_000
    async with signed_in(system) as api:
        await api.save(source)
        page = await api.execute("faults", name, {"s": text}, wait=True)
        run = page["taskRunList"][0]["id"]
        found = await api.client.get(f"{API}/outputs/tasks/{page['id']}/{run}")
        assert found.json() == {"value": text}


async def test_the_log_of_an_execution_that_does_not_exist_is_not_followed(system: System) -> None:
    async with signed_in(system) as api:
        answer = await api.client.get(f"{API}/logs/0000000000000000000000/follow")
        assert answer.status_code == 404


async def test_conditions_of_several_lines_are_read_without_their_white_space(system: System) -> None:
    name = f"fault_{uuid.uuid4().hex[:10]}"
    source = f"""\
id: {name}
namespace: faults
tasks:
  - id: if1
    type: io.kestra.plugin.core.flow.If
    condition: |
      {{% set found = false %}}
      {{{{ found }}}}
    then: [{{id: yes, type: io.kestra.plugin.core.log.Log, message: then}}]
    else: [{{id: other, type: io.kestra.plugin.core.log.Log, message: else}}]
  - id: skipped
    type: io.kestra.plugin.core.log.Log
    message: never
    runIf: |
      {{{{ 1 == 2 }}}}
"""
    async with signed_in(system) as api:
        await api.save(source.replace("id: yes", "id: then1"))
        page = await api.execute("faults", name, wait=True)
        states = {run["taskId"]: run["state"]["current"] for run in page["taskRunList"]}
        assert states == {"if1": "SUCCESS", "other": "SUCCESS", "skipped": "SKIPPED"}
