"""Backfills of a flow like the course's scheduled one: a whole year, one execution a month, in order, by the API and by the command
line; and what can be done with a backfill on its way."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from tests.support.api import API, Api, signed_in
from tests.support.command import succeeded, toccata
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

TAXI = """\
id: {id}
namespace: e2e.backfill
concurrency:
  limit: 1
inputs:
  - {{id: taxi, type: SELECT, values: [yellow, green], defaults: yellow}}
variables:
  file: "{{{{ inputs.taxi }}}}_tripdata_{{{{ trigger.date | date('yyyy-MM') }}}}.csv"
tasks:
  - id: set_label
    type: io.kestra.plugin.core.execution.Labels
    labels:
      file: "{{{{ render(vars.file) }}}}"
      taxi: "{{{{ inputs.taxi }}}}"
  - id: extract
    type: io.kestra.plugin.scripts.shell.Commands
    outputFiles: ["*.csv"]
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands:
      - echo "trip,fare" > {{{{ render(vars.file) }}}}
  - id: read
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ read(outputs.extract.outputFiles[render(vars.file)]) }}}}"
triggers:
  - {{id: green_schedule, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 1 * *", inputs: {{taxi: green}}}}
  - {{id: yellow_schedule, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 10 1 * *", inputs: {{taxi: yellow}}}}
"""
STEPS = """\
id: {id}
namespace: e2e.backfill
inputs:
  - {{id: of, type: STRING, defaults: schedule}}
tasks:
  - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
triggers:
  - {{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 * * *"}}
"""
MONTHS = [f"2019-{month:02}" for month in range(1, 13)]


@pytest.fixture
def name() -> str:
    return f"taxi_{uuid.uuid4().hex[:8]}"


class Backfill:
    """One trigger, and the calls about its backfill."""

    def __init__(self, api: Api, flow_id: str, trigger_id: str) -> None:
        self.api = api
        self.flow_id = flow_id
        self.key = {"namespace": "e2e.backfill", "flowId": flow_id, "triggerId": trigger_id}

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.api.client.request(method, f"{API}/triggers{path}", json={**self.key, **more})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def state(self) -> dict[str, Any]:
        found = await self.api.client.get(f"{API}/triggers/e2e.backfill/{self.flow_id}")
        (state,) = [each for each in found.json()["results"] if each["triggerId"] == self.key["triggerId"]]
        return dict(state)

    async def over(self) -> dict[str, Any]:
        async def look() -> dict[str, Any]:
            state = await self.state()
            return state if "backfill" not in state and not state["locked"] else {}

        return await within(120, look)

    async def waiting(self, beside: str = "") -> str:
        """Return the execution that locks it, once it is another one."""

        async def look() -> str:
            holder = str((await self.state()).get("executionId", ""))
            return holder if holder != beside else ""

        return await within(30, look)

    async def executions(self) -> list[dict[str, Any]]:
        query = {"flowId": self.flow_id, "size": "100", "sort": "state.startDate:asc"}
        found = await self.api.client.get(f"{API}/executions/search", params=query)
        return [each for each in found.json()["results"] if each["trigger"]["id"] == self.key["triggerId"]]


def labels(page: dict[str, Any]) -> dict[str, str]:
    return {label["key"]: label["value"] for label in page["labels"]}


def check_year(found: Sequence[dict[str, Any]], taxi: str) -> None:
    assert [labels(each)["file"] for each in found] == [f"{taxi}_tripdata_{month}.csv" for month in MONTHS]
    assert {each["state"]["current"] for each in found} == {"SUCCESS"}
    assert {labels(each)["backfill"] for each in found} == {"true"}
    for before, after in pairwise(found):
        assert after["state"]["startDate"] >= before["state"]["endDate"], "one after another"


async def test_a_year_is_backfilled_by_the_api_one_execution_a_month_in_order(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(TAXI.format(id=name))
        green = Backfill(api, name, "green_schedule")
        before = await green.state()
        wanted = {
            "start": "2019-01-01T00:00:00Z",
            "end": "2019-12-31T23:59:59Z",
            "inputs": {},
            "labels": [{"key": "backfill", "value": "true"}],
        }

        state = await green.ask("PUT", "/backfill/create", backfill=wanted)

        assert state["triggerId"] == "green_schedule"
        assert state["backfill"]["previousNextExecutionDate"] == before["nextExecutionDate"]
        assert state["backfill"]["labels"] == wanted["labels"]
        after = await green.over()
        check_year(await green.executions(), "green")
        assert after["nextExecutionDate"] == before["nextExecutionDate"]


async def test_a_year_is_backfilled_by_the_command_line(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(TAXI.format(id=name))
        trigger = f"e2e.backfill.{name}.yellow_schedule"
        command = ("trigger", "backfill", "create", trigger)

        said = await succeeded(
            system, *command, "--start", "2019-01-01", "--end", "2019-12-31", "-l", "backfill=true"
        )

        assert said.startswith(f"{trigger} backfill from 2019-01-01 ")
        yellow = Backfill(api, name, "yellow_schedule")
        await yellow.over()
        check_year(await yellow.executions(), "yellow")


async def test_the_command_line_lists_pauses_continues_and_deletes(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(STEPS.format(id=name))
        trigger = f"e2e.backfill.{name}.daily"
        of = ("trigger", "backfill")
        await succeeded(system, *of, "create", trigger, "--start", "2026-01-01", "--end", "2026-01-05")

        assert await succeeded(system, *of, "pause", trigger) == f"{trigger} backfill paused\n"
        (listed,) = json.loads(await succeeded(system, *of, "list", "--flow", name, "-o", "json"))
        assert listed["backfill"]["paused"]
        assert "paused" in await succeeded(system, *of, "list", "--flow", name)
        assert "backfill paused" in await succeeded(system, "trigger", "list", "--flow", name)
        assert await succeeded(system, *of, "continue", trigger) == f"{trigger} backfill goes on\n"
        assert await succeeded(system, *of, "delete", trigger) == f"{trigger} backfill deleted\n"
        none = await toccata(system, *of, "list", "--flow", name)
        assert none.err == "There are no backfills.\n"
        again = await toccata(system, *of, "pause", trigger)
        assert (again.code, "No backfill found" in again.err) == (1, True)
        wrong = await toccata(system, *of, "create", trigger, "--start", "soon")
        assert wrong.err.startswith("--start soon: this is not an instant.")


async def test_it_pauses_continues_and_ends_and_the_schedule_has_its_date_back(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(STEPS.format(id=name))
        daily = Backfill(api, name, "daily")
        date = (await daily.state())["nextExecutionDate"]
        wanted = {
            "start": "2026-01-01T00:00:00Z",
            "end": "2026-01-31T00:00:00Z",
            "inputs": {"of": "backfill"},
        }
        # The older path creates backfills, too.
        await daily.ask("PUT", "", backfill=wanted)
        await daily.ask("PUT", "/backfill/create", 409, backfill=wanted)
        first = await daily.waiting()
        assert (await api.get(first))["inputs"] == {"of": "backfill"}

        paused = await daily.ask("PUT", "/backfill/pause")
        assert (paused["backfill"]["paused"], paused["backfill"]["currentDate"][:10]) == (True, "2026-01-02")
        await api.client.post(f"{API}/executions/{first}/actions/resume")
        await api.ended(first)
        continued = await daily.ask("PUT", "/backfill/unpause")
        assert not continued["backfill"]["paused"]
        second = await daily.waiting(beside=first)
        trigger = (await api.get(second))["trigger"]["variables"]
        assert [trigger[each][:10] for each in ("previous", "date", "next")] == [
            "2026-01-01",
            "2026-01-02",
            "2026-01-03",
        ]

        deleted = await daily.ask("POST", "/backfill/delete")
        assert "backfill" not in deleted
        assert deleted["nextExecutionDate"] == date
        await daily.ask("POST", "/backfill/delete", 400)
        assert len(await daily.executions()) == 2


async def test_many_backfills_are_changed_by_ids_and_by_query(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(STEPS.format(id=name))
        daily = Backfill(api, name, "daily")
        await daily.ask("PUT", "/backfill/create", backfill={"start": "2026-01-01T00:00:00Z"})
        query = {"filters[flowId][EQUALS]": name}
        for path, body in (("pause", "paused"), ("unpause", "running")):
            listed = await api.client.post(f"{API}/triggers/backfill/{path}/by-triggers", json=[daily.key])
            assert listed.json()["count"] == 1, body
        assert (await api.client.post(f"{API}/triggers/backfill/pause/by-query", params=query)).json()[
            "count"
        ] == 1
        assert (await daily.state())["backfill"]["paused"]
        gone = await api.client.post(f"{API}/triggers/backfill/delete/by-query", params=query)
        assert gone.json()["count"] == 1
        none = await api.client.post(f"{API}/triggers/backfill/unpause/by-query", params=query)
        assert none.json()["count"] == 0
        empty = await api.client.post(f"{API}/triggers/backfill/pause/by-query")
        assert empty.status_code == 400


@pytest.mark.parametrize(
    ("backfill", "status", "told"),
    [
        (None, 422, "`backfill` must be an object"),
        ({}, 422, "`backfill.start` is required"),
        ({"start": "yesterday"}, 422, "must be an instant"),
        ({"start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, 422, "must not be before"),
        ({"start": "2026-01-01T00:00:00Z", "labels": {"system.a": "b"}}, 422, "System labels"),
        ({"start": "2026-01-01T01:00:00Z", "end": "2026-01-01T02:00:00Z"}, 400, "no date"),
    ],
)
async def test_a_wrong_backfill_is_refused_with_the_reason(
    system: System, backfill: Any, status: int, told: str
):
    async with signed_in(system) as api:
        await api.save(STEPS.format(id="refusing"))
        refused = await Backfill(api, "refusing", "daily").ask(
            "PUT", "/backfill/create", status, backfill=backfill
        )
        assert told in refused["detail"]


async def test_the_state_of_a_trigger_is_dropped_and_it_begins_anew(system: System, name: str):
    async with signed_in(system) as api:
        await api.save(STEPS.format(id=name))
        daily = Backfill(api, name, "daily")
        path = f"{API}/triggers/e2e.backfill/{name}/daily"
        await daily.ask("PUT", "/backfill/create", backfill={"start": "2026-01-01T00:00:00Z"})
        holder = await daily.waiting()
        assert (await api.client.delete(path)).status_code == 409, holder
        await daily.ask("PUT", "/backfill/pause")
        assert (await api.client.post(f"{path}/unlock")).status_code == 200
        await daily.ask("PUT", "/set-disabled", disabled=True)

        restarted = await api.client.post(f"{path}/restart")
        assert (restarted.status_code, restarted.json()["disabled"]) == (200, True)
        dropped = await api.client.delete(path)
        assert (dropped.status_code, dropped.content) == (204, b"")
        state = await daily.state()
        assert (state["disabled"], "backfill" in state, "lastTriggeredDate" in state) == (False, False, False)

        filters = {"filters": [{"field": "flowId", "operation": "EQUALS", "value": name}]}
        for target, body in (("by-query", filters), ("by-triggers", [daily.key])):
            many = await api.client.request("DELETE", f"{API}/triggers/delete/{target}", json=body)
            assert (many.status_code, many.json().get("count")) == (200, 1)
        assert (await api.client.request("DELETE", f"{API}/triggers/delete/by-query")).status_code == 400
