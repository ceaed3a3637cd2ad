"""Every page for people who do not see it as drawn, or who use no mouse: judged by axe in light and dark, and walked by keyboard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.api import API, Api, signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import ROOT, System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SPACE = "e2e.access"
FLOW = f"""\
id: access
namespace: {SPACE}
description: What a page shows of a flow.
labels:
  team: access
concurrency:
  limit: 5
inputs:
  - {{id: word, type: STRING, defaults: hello}}
  - {{id: size, type: SELECT, values: [small, large], defaults: small}}
tasks:
  - id: measure
    type: io.kestra.plugin.core.metric.Publish
    metrics:
      - {{name: rows, type: counter, value: 3}}
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: "{{{{ inputs.word }}}}"}}
  - {{id: breaks, type: io.kestra.plugin.core.execution.Fail, errorMessage: no column zip}}
triggers:
  - {{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 * * *"}}
"""
CALLS = f"""\
id: calls_access
namespace: {SPACE}
tasks:
  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {SPACE}, flowId: access}}
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LISTS = [
    "dashboards",
    "flows",
    "flows/new",
    "executions",
    "logs",
    "admin/triggers",
    "namespaces",
    f"namespaces/edit/{SPACE}",
    "kv",
    "secrets",
    "plugins",
    "plugins/io.kestra.plugin.core.log.Log",
    "preferences",
]
OF_FLOW = ["", "topology", "executions", "logs", "metrics", "revisions", "triggers", "dependencies", "edit"]
OF_EXECUTION = ["", "trace", "logs", "topology", "outputs", "metrics", "events"]
JUDGE = """rules => axe.run(document, { runOnly: rules, resultTypes: ["violations"] }).then(found =>
  found.violations.map(each => each.id + ": " + each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")))"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of the development packages of the page."""
    command = [str(ROOT / ".ci" / "ui"), "npm", sys.executable, "root"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return (Path(found.stdout.strip()) / "axe-core" / "axe.min.js").read_text()


async def addresses(api: Api) -> list[str]:
    await api.save(FLOW)
    await api.save(CALLS)
    ended = await api.ended((await api.execute(SPACE, "access"))["id"])

    async def listed() -> bool:
        answer = await api.client.get(f"{API}/flows/search", params={"q": "access"})
        return {"access", "calls_access"} <= {flow["id"] for flow in answer.json()["results"]}

    await within(30, listed)
    flow, execution = f"flows/edit/{SPACE}/access", f"executions/{SPACE}/access/{ended['id']}"
    return [
        *LISTS,
        *(f"{flow}/{tab}".rstrip("/") for tab in OF_FLOW),
        *(f"{execution}/{tab}".rstrip("/") for tab in OF_EXECUTION),
    ]


async def settled(page: Page) -> None:
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.get_by_text("Loading …")).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(browser: Browser, system: System, axe: str, colours: str):
    async with signed_in(system) as api:
        places = await addresses(api)
    found: dict[str, list[str]] = {}
    async with opened_tab(browser, system, color_scheme=colours) as tab:
        page = tab.page
        await tab.enter()
        for place in places:
            await page.goto(f"{system.url}/ui/main/{place}")
            await settled(page)
            await page.evaluate(axe)
            wrong = await page.evaluate(JUDGE, RULES)
            if wrong:
                found[place] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("place", "opener"),
    [
        (f"flows/edit/{SPACE}/access/triggers", "Backfill"),
        (f"flows/edit/{SPACE}/access/triggers", "More for daily"),
        (f"flows/edit/{SPACE}/access", "Delete"),
        ("dashboards", "Go to"),
    ],
)
async def test_axe_finds_nothing_in_what_a_button_opens(tab: Tab, axe: str, place: str, opener: str):
    async with signed_in(tab.system) as api:
        await addresses(api)
    await tab.enter(f"/ui/main/{place}")
    await settled(tab.page)
    await tab.button(opener).click()
    await expect(tab.page.get_by_role("dialog").or_(tab.page.get_by_role("menu"))).to_be_visible()
    await tab.page.evaluate(axe)
    assert await tab.page.evaluate(JUDGE, RULES) == []


async def test_a_flow_is_found_executed_and_replayed_by_keys_alone(tab: Tab):
    page = tab.page
    keys = page.keyboard
    async with signed_in(tab.system) as api:
        await addresses(api)
    await tab.enter("/ui/")
    await keys.press("Control+k")
    await keys.type("access")
    await expect(page.get_by_role("option", name=f"access {SPACE}", exact=True)).to_be_visible()
    while not await page.get_by_role("option", name=f"access {SPACE}", exact=True, selected=True).count():
        await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(tab.heading("access")).to_be_visible()
    await tab_to(page, "word")
    await keys.type("by keys")
    await keys.press("Enter")
    await expect(tab.state()).to_have_text("FAILED")
    first = page.url
    await tab_to(page, "Replay")
    await keys.press("Enter")
    await expect(page.get_by_role("dialog", name="Replay this execution?")).to_be_visible()
    await tab_to(page, "Confirm")
    await keys.press("Enter")
    await expect(page).not_to_have_url(first)
    await expect(tab.state()).to_have_text("FAILED")
    await expect(tab.log()).to_contain_text("by keys")


async def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until the control of this name has the focus, and check that the focus is seen."""
    words = "() => { const e = document.activeElement; return e.ariaLabel || e.labels?.[0]?.textContent || e.textContent; }"
    for _ in range(most):
        await page.keyboard.press("Tab")
        if (await page.evaluate(words)).strip() == name:
            seen = "getComputedStyle(document.activeElement).outlineStyle"
            assert await page.evaluate(seen) != "none", name
            return
    raise AssertionError(f"{most} times Tab do not lead to {name}")
