"""What stands behind the tabs of a flow and of an execution: graph, outputs, expressions, events, revisions and triggers."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.api import signed_in
from tests.support.browser import Tab

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SPACE = "e2e.tabs"
LOG = "io.kestra.plugin.core.log.Log"
LOOPS = f"""\
id: loops
namespace: {SPACE}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [one, two]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.debug.Return
        format: "value {{{{ taskrun.value }}}}"
  - id: breaks
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: no column zip
triggers:
  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 0 1 1 *"
"""


def says(message: str) -> str:
    return f"id: revised\nnamespace: {SPACE}\ntasks:\n  - id: say\n    type: {LOG}\n    message: {message}\n"


async def open_tab(tab: Tab, name: str) -> None:
    await tab.page.get_by_role("tab", name=name, exact=True).click()
    await expect(tab.page).to_have_url(re.compile(f"/{name.lower()}$"))


async def test_an_execution_is_seen_as_a_graph_with_outputs_and_events(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(LOOPS)
        ended = await api.ended((await api.execute(SPACE, "loops"))["id"])
    await tab.enter(f"/ui/main/executions/{SPACE}/loops/{ended['id']}")
    await open_tab(tab, "Topology")
    nodes = page.locator(".react-flow__node")
    await expect(nodes.filter(has_text="inner")).to_contain_text("SUCCESS")
    await expect(nodes.filter(has_text="inner")).to_contain_text("2/2")
    await expect(nodes.filter(has_text="breaks")).to_contain_text("FAILED")
    await expect(page.get_by_role("list", name="Tasks of the graph")).to_contain_text("breaks: FAILED")
    await open_tab(tab, "Outputs")
    await expect(page.get_by_role("row").filter(has_text="inner [two]")).to_contain_text("value two")
    await page.get_by_label("Expression").fill("{{ outputs.inner.one.value | upper }}")
    await tab.button("Evaluate").click()
    await expect(page.get_by_text("VALUE ONE", exact=True)).to_be_visible()
    await page.get_by_label("Expression").fill("{{ nobody.knows }}")
    await tab.button("Evaluate").click()
    await expect(page.get_by_role("alert").filter(has_text="nobody")).to_be_visible()
    await open_tab(tab, "Events")
    rows = page.get_by_role("table", name="Events").get_by_role("row")
    await expect(rows.nth(1)).to_contain_text("the execution")
    await expect(rows.nth(1)).to_contain_text("CREATED")
    await expect(rows.last).to_contain_text("FAILED")
    await page.go_back()
    await expect(page.get_by_role("tab", name="Outputs")).to_have_attribute("aria-selected", "true")
    await page.reload()
    await expect(page.get_by_role("row").filter(has_text="inner [one]")).to_contain_text("value one")


async def test_an_old_revision_is_compared_and_restored(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(says("first"))
        await api.save(says("second"))
        await tab.enter(f"/ui/main/flows/edit/{SPACE}/revised")
        await open_tab(tab, "Revisions")
        text = page.get_by_role("region", name="Difference")
        await expect(text.locator(".cm-deletedChunk")).to_contain_text("first")
        await expect(text.locator(".cm-changedLine")).to_contain_text("second")
        await tab.button("Restore").click()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("· revision 3")).to_be_visible()
        now = await api.client.get(f"/api/v1/main/flows/{SPACE}/revised?source=true")
    assert "first" in now.json()["source"]


async def test_the_triggers_of_a_flow_stand_on_its_page(tab: Tab):
    async with signed_in(tab.system) as api:
        await api.save(LOOPS)
    await tab.enter(f"/ui/main/flows/edit/{SPACE}/loops")
    await open_tab(tab, "Topology")
    await expect(tab.page.locator(".react-flow__node").filter(has_text="yearly").last).to_be_visible()
    await open_tab(tab, "Triggers")
    row = tab.page.get_by_role("row").filter(has_text="yearly")
    await row.get_by_role("button", name="Disable").click()
    await expect(row).to_contain_text("disabled")
