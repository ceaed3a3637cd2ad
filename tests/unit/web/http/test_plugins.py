"""The types of the instance over HTTP."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from services.web.core.problem import Problem
from services.web.http.plugins import catalog_of, router
from toccata.plugins.host.catalog import PluginCatalog


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI(redirect_slashes=False, docs_url=None)
    app.include_router(router)
    catalog = PluginCatalog.load()
    app.dependency_overrides[catalog_of] = lambda: catalog
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toccata/api/v1/")


async def test_schedule_webhook_and_event_are_listed_once(client: httpx.AsyncClient) -> None:
    """They were listed twice: as plugins, and as types of the core."""
    page = (await client.get("plugins")).json()
    listed = [
        each["cls"]
        for group in page["results"]
        for key in ("tasks", "triggers", "taskRunners")
        for each in group[key]
    ]
    assert len(listed) == len(set(listed))
    core = next(group for group in page["results"] if group["group"] == "io.kestra.plugin.core.trigger")
    assert [each["cls"].rpartition(".")[2] for each in core["triggers"]] == [
        "Flow",
        "Schedule",
        "ScheduleOnDates",
        "Webhook",
    ]
    flow = next(group for group in page["results"] if group["group"] == "io.kestra.plugin.core.flow")
    assert {"io.kestra.core.tasks.flows.If"} <= set(flow["aliases"])
    assert {
        "cls": "io.kestra.plugin.core.flow.ForEach",
        "title": "Run tasks for each value",
        "deprecated": True,
    } in flow["tasks"]


async def test_a_flowable_is_found_with_documentation_and_schema(client: httpx.AsyncClient) -> None:
    """It was 404."""
    found = await client.get("plugins/io.kestra.plugin.core.flow.If")
    assert found.status_code == 200
    body = found.json()
    assert body["schema"]["properties"]["required"] == ["condition", "then"]
    assert body["schema"]["outputs"]["properties"]["evaluationResult"]["type"] == "boolean"
    assert body["markdown"].startswith("# io.kestra.plugin.core.flow.If\n")
    assert "```yaml" in body["markdown"]


async def test_a_type_that_nobody_knows_is_not_found(client: httpx.AsyncClient) -> None:
    with pytest.raises(Problem) as refused:
        await client.get("plugins/no.such.Type")
    assert refused.value.status == 404


async def test_triggers_are_listed_with_their_kind(client: httpx.AsyncClient) -> None:
    page = (await client.get("plugins/triggers")).json()
    assert {(each["name"], each["group"]) for each in page["results"]} == {
        ("Event", "core"),
        ("Flow", "core"),
        ("RealtimeTrigger", "realtime"),
        ("Schedule", "core"),
        ("ScheduleOnDates", "core"),
        ("Trigger", "core"),
        ("Webhook", "core"),
    }


async def test_groups_are_those_of_the_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("plugins/groups/subgroups")).json() == (await client.get("plugins")).json()[
        "results"
    ]
