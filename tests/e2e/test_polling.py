"""Triggers that are polled, on a running system: from the flow to the execution, and what people see of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.http_server import Give, Got, http_server
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(180)]

TRIGGER = "io.kestra.plugin.core.http.Trigger"


def flow(url: str, more: str = "") -> tuple[str, str]:
    """Return id and source of a flow that starts with each good answer."""
    name = f"polled_{uuid.uuid4().hex[:10]}"
    return name, (
        f"id: {name}\nnamespace: polls\nvariables: {{most: 110}}\n"
        'tasks:\n  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ json(trigger.body).price }}"}\n'
        f"triggers:\n  - id: price\n    type: {TRIGGER}\n    uri: {url}/price\n    interval: PT1S\n"
        f'    responseCondition: "{{{{ json(response.body).price <= vars.most }}}}"\n{more}'
    )


async def executions(api: Api, name: str, count: int) -> list[dict[str, Any]]:
    """Return the executions of a flow once there are so many."""

    async def look() -> list[dict[str, Any]]:
        answer = await api.client.get(
            f"{API}/executions/search", params={"filters[flowId][EQUALS]": name, "size": "100"}
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found if len(found) >= count else []

    return await within(60, look)


async def trigger_state(api: Api, name: str) -> dict[str, Any]:
    answer = await api.client.get(f"{API}/triggers/polls/{name}")
    assert answer.status_code == 200, answer.text
    return next((dict(state) for state in answer.json()["results"]), {})  # none: it is not projected yet


async def test_a_source_is_polled_and_its_answer_starts_the_flow(system: System) -> None:
    prices = iter([120, 120, 100])

    def answer(_: Got) -> Give:
        return Give(200, {"price": next(prices, 100)})

    async with http_server(answer) as server, signed_in(system) as api:
        name, source = flow(server.url, "    stopAfter: [SUCCESS]\n")
        await api.save(source)
        (started,) = await executions(api, name, 1)
        page = await api.ended(started["id"])

        async def stopped() -> dict[str, Any]:
            state = await trigger_state(api, name)
            return state if state.get("disabled") else {}

        state = await within(30, stopped)
        asked = len(server.got)
    assert page["state"]["current"] == "SUCCESS"
    assert page["trigger"]["id"] == "price"
    assert page["trigger"]["type"] == TRIGGER
    assert page["trigger"]["variables"]["code"] == 200
    assert page["taskRunList"][0]["outputs"] == {"value": "100"}
    assert asked == 3, "polls while the condition was false, and none while the execution ran"
    assert state["kind"] == "POLLING"
    assert state["workerId"]
    assert state["lastTriggeredDate"] == state["evaluatedAt"]
    assert not state["locked"]


async def test_what_goes_wrong_is_shown_at_the_trigger_and_in_its_log(system: System) -> None:
    name, source = flow("http://127.0.0.1:1")
    async with signed_in(system) as api:
        await api.save(source)

        async def look() -> dict[str, Any]:
            state = await trigger_state(api, name)
            return state if state.get("problem") else {}

        state = await within(60, look)

        async def lines() -> list[dict[str, Any]]:
            found = await api.client.get(
                f"{API}/logs/search",
                params={"filters[flowId][EQUALS]": name, "filters[triggerId][EQUALS]": "price"},
            )
            assert found.status_code == 200, found.text
            return list(found.json()["results"])

        logged = await within(30, lines)
        await api.client.put(
            f"{API}/triggers",
            json={"namespace": "polls", "flowId": name, "triggerId": "price", "disabled": True},
        )
    assert "127.0.0.1" in state["problem"]
    assert state["nextExecutionDate"] > state["evaluatedAt"]
    assert {line["triggerId"] for line in logged} == {"price"}
    assert any(line["level"] == "ERROR" and "127.0.0.1" in line["message"] for line in logged)


async def test_fail_on_trigger_error_shows_an_execution_that_failed(system: System) -> None:
    name, source = flow("http://127.0.0.1:1", "    failOnTriggerError: true\n    stopAfter: [FAILED]\n")
    async with signed_in(system) as api:
        await api.save(source)
        (started,) = await executions(api, name, 1)
        page = await api.ended(started["id"])
    assert page["state"]["current"] == "FAILED"


async def test_a_listener_and_a_worker_that_are_killed_lose_and_double_nothing(own_system: System) -> None:
    """The server gives each answer a number."""
    given: list[int] = []

    def answer(_: Got) -> Give:
        given.append(len(given))
        return Give(200, {"price": given[-1]})

    async with http_server(answer) as server, signed_in(own_system) as api:
        name, source = flow(server.url)
        await api.save(source)
        await executions(api, name, 2)
        await own_system.restart("trigger-listener", kill=True)
        seen = len(await executions(api, name, 1))
        await executions(api, name, seen + 2)
        await own_system.restart("worker", kill=True)
        seen = len(await executions(api, name, 1))
        found = await executions(api, name, seen + 2)
    numbers = [run["trigger"]["variables"]["body"] for run in found]
    assert len(set(numbers)) == len(numbers), "no answer starts twice"
