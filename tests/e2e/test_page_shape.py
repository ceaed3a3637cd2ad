"""The look of the page: on a narrow screen, in its own time zone, with long names and with descriptions in Markdown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.api import signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

NAMESPACE = "e2e.page.data_platform"
FLOW = "page_load_the_customers_into_the_warehouse_every_night"
SOURCE = f"""\
id: {FLOW}
namespace: {NAMESPACE}
description: |
  # Nightly load

  Loads **customers** with `crm`, see [the runbook](https://example.org/runbook) and [a trap](javascript:alert(1)).

  - <b>first</b> one
inputs:
  - id: mode
    type: STRING
    defaults: delta
    description: Either *full* or *delta*
tasks:
  - id: extract_all_of_the_customers_of_yesterday
    type: io.kestra.plugin.core.log.Log
    message: loading
  - id: compare_with_the_warehouse
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: "{"no column zip " * 12}"
"""
NARROW = {"width": 390, "height": 844}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
# For every name that takes several lines: the letters before each break.
BREAKS = """nodes => nodes.flatMap(node => {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT), found = [];
  let letter = "", top = null;
  while (walker.nextNode()) for (let i = 0; i < walker.currentNode.length; i++) {
    const range = document.createRange();
    range.setStart(walker.currentNode, i); range.setEnd(walker.currentNode, i + 1);
    const rect = range.getBoundingClientRect();
    if (top !== null && rect.top > top + 4) found.push(letter);
    top = rect.top; letter = range.toString();
  }
  return found;
})"""


@pytest.fixture(scope="module")
async def addresses(system: System) -> list[str]:
    """Return the addresses of every kind of page for one failed flow."""
    async with signed_in(system) as api:
        await api.save(SOURCE)
        execution = await api.execute(NAMESPACE, FLOW, wait=True)
        await api.ended(execution["id"])
    assert execution["state"]["current"] == "FAILED"
    return [
        f"/ui/main/flows?q={FLOW}",
        f"/ui/main/flows/edit/{NAMESPACE}/{FLOW}",
        f"/ui/main/executions?q={FLOW}",
        f"/ui/main/executions/{NAMESPACE}/{FLOW}/{execution['id']}",
    ]


async def show(tab: Tab, address: str) -> Page:
    """Open the page of this address, and wait for its data."""
    await tab.page.goto(tab.system.url + address)
    await expect(tab.page.locator("main .state", has_text="FAILED").first).to_be_visible()
    if address.startswith("/ui/main/executions/"):
        await expect(tab.log()).to_contain_text("no column zip")
    return tab.page


async def test_nothing_is_cut_off_on_a_narrow_screen(browser: Browser, system: System, addresses: list[str]):
    async with opened_tab(browser, system, viewport=NARROW) as tab:
        await tab.enter()
        for address in addresses:
            page = await show(tab, address)
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
            wide = await page.evaluate(
                "() => [...document.querySelectorAll('main *')]"
                ".filter(e => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth)"
                ".map(e => e.outerHTML.slice(0, 120))"
            )
            assert wide == [], address
            for scrolled in await page.locator(".scroll").all():
                assert await scrolled.evaluate("e => e.scrollWidth <= e.clientWidth"), address
        await expect(tab.task("compare_with").locator(".track")).to_be_in_viewport()
        await expect(tab.task("compare_with")).to_contain_text("FAILED")


async def test_the_source_keeps_its_lines_on_a_narrow_screen(
    browser: Browser, system: System, addresses: list[str]
):
    """A wrapped line begins at the left, where YAML would mean something else."""
    async with opened_tab(browser, system, viewport=NARROW) as tab:
        await tab.enter()
        page = await show(tab, addresses[1])
        lines = (
            "e => { const all = document.createRange(); all.selectNodeContents(e);"
            " return new Set([...all.getClientRects()].map(each => Math.round(each.top))).size }"
        )
        source = page.get_by_label("Source")
        assert await source.evaluate("e => e.scrollWidth > e.clientWidth"), "no line is long enough to wrap"
        assert await source.evaluate(lines) <= len(SOURCE.splitlines())


async def test_every_page_leads_to_the_documentation_and_to_the_api(
    browser: Browser, system: System, addresses: list[str]
):
    async with opened_tab(browser, system) as tab:
        await tab.enter()
        foot = (await show(tab, addresses[0])).get_by_role("contentinfo")
        for name, address in (("Documentation", "/docs/"), ("API", "/api/v1/docs")):
            await expect(foot.get_by_role("link", name=name)).to_have_attribute("href", address)
        await foot.get_by_role("link", name="API").click()
        await expect(tab.page).to_have_title("API of Toccata")


async def test_a_narrow_list_is_still_a_table_to_those_who_listen(
    browser: Browser, system: System, addresses: list[str]
):
    async with opened_tab(browser, system, viewport=NARROW) as tab:
        await tab.enter()
        page = await show(tab, addresses[2])
        row = page.get_by_role("table", name="Executions").get_by_role("row").nth(1)
        await expect(row.get_by_role("cell").nth(2)).to_have_text("FAILED")
        assert await page.get_by_role("columnheader").all_inner_texts() == [
            "Execution",
            "Flow",
            "State",
            "Started",
            "Duration",
        ]


@pytest.mark.parametrize("width", [390, 900, 1280])
async def test_names_never_break_in_mid_word(
    browser: Browser, system: System, addresses: list[str], width: int
):
    async with opened_tab(browser, system, viewport={"width": width, "height": 900}) as tab:
        await tab.enter()
        for address in addresses:
            page = await show(tab, address)
            breaks = await page.locator("td.id, td.wide:not(.prose), h1").evaluate_all(BREAKS)
            # " " is before a task run's value, and after the label of a card.
            assert set(breaks) <= {".", "_", "-", " "}, (address, breaks)
        if width == NARROW["width"]:
            assert breaks, "the names fit into one line, so the test checks nothing"


async def test_every_time_has_one_form_in_the_zone_of_the_reader(
    browser: Browser, system: System, addresses: list[str]
):
    zone = timezone(timedelta(hours=5, minutes=45))
    async with opened_tab(browser, system, timezone_id="Asia/Kathmandu", locale="en-US") as tab:
        await tab.enter()
        for address in addresses[1:]:
            page = await show(tab, address)
            await expect(page.get_by_role("contentinfo")).to_contain_text("(UTC+05:45)")
            times = await page.locator("time").evaluate_all(
                "all => all.map(e => [e.textContent, e.title, e.dateTime])"
            )
            assert times, address
            for text, title, at in times:
                assert MOMENT.fullmatch(text)
                local = datetime.fromisoformat(at).astimezone(UTC).astimezone(zone)
                assert text == f"{local:%Y-%m-%d %H:%M:%S}"
                assert re.fullmatch(re.escape(text) + r"\.\d{3} \+05:45 Asia/Kat[h]?mandu", title)


async def test_a_description_is_shown_as_the_markdown_that_it_is(tab: Tab, addresses: list[str]):
    await tab.enter(addresses[1])
    page = tab.page
    shown = page.locator(".markdown")
    await expect(shown.get_by_role("heading", name="Nightly load")).to_be_visible()
    await expect(shown.locator("strong")).to_have_text("customers")
    await expect(shown.locator("code")).to_have_text("crm")
    await expect(shown.get_by_role("listitem")).to_have_text("<b>first</b> one")
    links = await shown.get_by_role("link").evaluate_all(
        "all => all.map(a => [a.textContent, a.href, a.rel])"
    )
    assert links == [["the runbook", "https://example.org/runbook", "noopener noreferrer"]]
    await expect(page.locator("#input-0-hint em")).to_have_text(["full", "delta"])
    await tab.page.goto(tab.system.url + addresses[0])
    row = page.get_by_role("row").filter(has_text=FLOW)
    await expect(row).to_contain_text("Nightly load Loads customers with crm, see the runbook and a trap.")
