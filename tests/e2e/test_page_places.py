"""The page's other places: home, acts on many executions, namespaces with files and values, plugins, and the way to all of them."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.support.api import API, signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SPACE = "e2e.places"
FAILS = f"""\
id: places_fail
namespace: {SPACE}
tasks:
  - id: breaks
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: no column zip
triggers:
  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 0 1 1 *"
"""
PLACES = ["dashboards", "namespaces", f"namespaces/edit/{SPACE}", "kv", "secrets", "plugins"]


async def test_home_counts_what_failed_and_leads_to_it(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(FAILS)
        ended = await api.ended((await api.execute(SPACE, "places_fail"))["id"])
        # Other tests have schedules too. Which is the next one of all, the server says.
        soon = (await api.client.get(f"{API}/triggers/search?sort=nextExecutionDate:asc&size=10")).json()
        soon = [each["triggerContext"] for each in soon["results"] if not each["triggerContext"]["disabled"]]
    await tab.enter("/ui/main/dashboards")
    failures = page.get_by_role("table", name="Latest failures")
    await expect(failures.get_by_role("link", name=ended["id"])).to_be_visible()
    await expect(page.get_by_role("table", name="Next to fire")).to_contain_text(soon[0]["flowId"])
    await page.get_by_role("link", name=re.compile(r"^FAILED \d+$")).click()
    await expect(page).to_have_url(re.compile(r"/executions\?state=FAILED$"))
    await expect(page.get_by_label("State")).to_have_value("FAILED")
    await expect(page.get_by_role("row").filter(has_text=ended["id"])).to_contain_text("FAILED")


async def test_many_executions_are_deleted_after_a_question_that_counts_them(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(FAILS)
        ids = [(await api.execute(SPACE, "places_fail"))["id"] for _ in range(3)]
        for each in ids:
            await api.ended(each)
        await tab.enter(f"/ui/main/flows/edit/{SPACE}/places_fail/executions")
        for each in ids[:2]:
            await page.get_by_label(f"Choose {each}").check()
        await tab.page.locator(".bulk").get_by_role("button", name="Delete").click()
        await expect(page.get_by_role("dialog", name="Delete 2 executions?")).to_be_visible()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("2 executions deleted.", exact=True)).to_be_visible()
        await expect(page.get_by_label(f"Choose {ids[0]}")).to_have_count(0)
        for each, status in zip(ids, (404, 404, 200), strict=True):
            answer = await api.client.get(f"/api/v1/main/executions/{each}")
            assert answer.status_code == status


async def test_values_of_a_namespace_are_set_seen_and_deleted(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(FAILS)
        await tab.enter(f"/ui/main/namespaces/edit/{SPACE}/kv")
        await page.get_by_label("Key").fill("settings")
        await page.get_by_label("Kind").select_option("JSON")
        await page.get_by_label("Value", exact=True).fill('{"depth": 3}')
        await tab.button("Set").click()
        row = page.get_by_role("row").filter(has_text="settings")
        await row.get_by_text("Show").click()
        await expect(row.locator("pre")).to_contain_text('"depth":3')
        await expect(row).to_contain_text("JSON")
        await row.get_by_role("button", name="Delete").click()
        await tab.button("Confirm").click()
        await expect(row).to_have_count(0)
        gone = await api.client.get(f"/api/v1/main/namespaces/{SPACE}/kv/settings")
    assert gone.status_code == 404


async def test_a_file_of_a_namespace_is_uploaded_changed_and_found_in_its_folder(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(FAILS)
        await tab.enter(f"/ui/main/namespaces/edit/{SPACE}")
        upload = page.get_by_label("Add files to this folder")
        await upload.set_input_files(FilePayload(name="q.sql", mimeType="text/plain", buffer=b"select 1"))
        await tab.button("Upload").click()
        await tab.button("q.sql").click()
        text = page.get_by_label("Content")
        await expect(text).to_have_value("select 1")
        await text.fill("select 2")
        await tab.button("Save").click()
        await expect(tab.button("Save")).to_be_disabled()
        await page.reload()
        await expect(page.get_by_label("Content")).to_have_value("select 2")
        stored = await api.client.get(f"/api/v1/main/namespaces/{SPACE}/files?path=/q.sql")
    assert stored.text == "select 2"


async def test_a_plugin_is_found_by_what_it_does_and_explained(tab: Tab):
    page = tab.page
    await tab.enter("/ui/main/plugins")
    await tab.find("log message")
    await tab.link("Log").click()
    await expect(tab.heading("Log")).to_be_visible()
    await expect(page.get_by_role("cell", name="message").first).to_be_visible()
    await expect(page.get_by_role("heading", name="Example")).to_be_visible()


async def test_a_flow_and_a_page_are_reached_from_the_keyboard(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(FAILS)
    await tab.enter("/ui/main/flows")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    await page.keyboard.type("places_fail")
    await expect(page.get_by_role("option", name=f"places_fail {SPACE}")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(tab.heading("places_fail")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    await page.keyboard.type("plug")
    await expect(page.get_by_role("option", name="Plugins Page")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(tab.heading("Plugins")).to_be_visible()


async def test_every_place_fits_a_phone_and_its_menu_is_a_drawer(browser: Browser, system: System):
    async with signed_in(system) as api:
        await api.save(FAILS)
    async with opened_tab(browser, system, viewport={"width": 390, "height": 760}) as tab:
        await tab.enter("/ui/main/flows")
        for place in PLACES:
            await tab.page.goto(f"{tab.system.url}/ui/main/{place}")
            await expect(tab.page.locator("main h1")).to_be_visible()
            await expect(tab.page.get_by_text("Loading …")).to_have_count(0)
            assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 390, place
        await tab.button("Menu").click()
        await tab.page.get_by_role("dialog").get_by_role("link", name="Executions").click()
        await expect(tab.heading("Executions")).to_be_visible()
        await expect(tab.page.get_by_role("dialog")).to_have_count(0)
