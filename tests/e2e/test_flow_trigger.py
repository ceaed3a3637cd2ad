"""Flow triggers on a running system: several executions within a window, over a restart of the listener, and rings."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

TYPE = "io.kestra.plugin.core.trigger.Flow"
NAMESPACE = "heard"


def names(*parts: str) -> list[str]:
    unique = uuid.uuid4().hex[:8]
    return [f"{part}_{unique}" for part in parts]


def flow(name: str, more: str = "") -> str:
    """Return a flow that gives its own id as an output."""
    return (
        f"id: {name}\nnamespace: {NAMESPACE}\n"
        'tasks:\n  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ flow.id }}"}\n'
        f'outputs: [{{id: from_{name.split("_", maxsplit=1)[0]}, type: STRING, value: "{{{{ outputs.r.value }}}}"}}]\n{more}'
    )


def listener(name: str, *upstream: str, more: str = "") -> str:
    flows = "".join(
        f"        - {{namespace: {NAMESPACE}, flowId: {each}, states: [SUCCESS]}}\n" for each in upstream
    )
    return flow(
        name,
        f"triggers:\n  - id: all\n    type: {TYPE}\n{more}    preconditions:\n      id: p\n      flows:\n{flows}",
    )


async def executions(api: Api, name: str, count: int) -> list[dict[str, Any]]:
    """Return the executions of a flow once there are so many."""

    async def look() -> list[dict[str, Any]]:
        answer = await api.client.get(
            f"{API}/executions/search", params={"filters[flowId][EQUALS]": name, "size": "200"}
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found if len(found) >= count else []

    return await within(60, look)


async def trigger_state(api: Api, name: str) -> dict[str, Any]:
    answer = await api.client.get(f"{API}/triggers/{NAMESPACE}/{name}")
    assert answer.status_code == 200, answer.text
    return next((dict(state) for state in answer.json()["results"]), {})


async def test_a_half_full_window_survives_a_restart(own_system: System) -> None:
    orders, customers, report = names("orders", "customers", "report")
    async with signed_in(own_system) as api:
        for source in (flow(orders), flow(customers), listener(report, orders, customers)):
            await api.save(source)
        first = await api.execute(NAMESPACE, orders, wait=True)

        async def noted() -> bool:
            return "evaluatedAt" in await trigger_state(api, report)

        await within(30, noted)
        await own_system.restart("trigger-listener", kill=True)
        last = await api.execute(NAMESPACE, customers, wait=True)
        (started,) = await executions(api, report, 1)
        page = await api.ended(started["id"])
        variables = page["trigger"]["variables"]
        assert variables["executionId"] == last["id"]
        assert [each["executionId"] for each in variables["executions"]] == [first["id"], last["id"]]
        assert variables["outputs"]["from_orders"] == orders
        assert variables["outputs"]["from_customers"] == customers
        labels = {each["key"]: each["value"] for each in page["labels"]}
        assert labels["system.from"] == "trigger"
        assert labels["system.correlationId"] == last["id"]
        # The window is empty again: the same flow once more starts nothing, and both do.
        await api.execute(NAMESPACE, customers, wait=True)
        await api.execute(NAMESPACE, orders, wait=True)
        assert len(await executions(api, report, 2)) == 2


async def test_a_ring_ends_and_says_so(system: System) -> None:
    ping, pong = names("ping", "pong")
    async with signed_in(system) as api:
        await api.save(listener(ping, pong))
        await api.save(listener(pong, ping))
        await api.execute(NAMESPACE, ping)

        async def problem() -> str:
            return str((await trigger_state(api, pong)).get("problem", "")) or str(
                (await trigger_state(api, ping)).get("problem", "")
            )

        assert "do these flows trigger each other?" in await within(120, problem)
        rounds = len(await executions(api, ping, 1)) + len(await executions(api, pong, 1))
        assert rounds == 51


async def test_a_wrong_trigger_is_refused_with_its_line(system: System) -> None:
    (name,) = names("wrong")
    source = flow(
        name,
        f"triggers:\n  - id: t\n    type: {TYPE}\n    preconditions:\n      id: p\n"
        "      timeWindow: {type: DAILY_TIME_DEADLINE}\n      flows:\n        - {flowId: orders, states: [DONE]}\n",
    )
    async with signed_in(system) as api:
        answer = await api.client.post(
            f"{API}/flows/validate", content=source, headers={"Content-Type": "application/x-yaml"}
        )
    (found,) = answer.json()
    assert "must have `deadline`" in found["constraints"]
    assert "triggers[0].preconditions.flows[0].namespace: must not be null" in found["constraints"]
    assert "DONE" in found["constraints"]
