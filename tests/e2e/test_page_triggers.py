"""Triggers in the page: backfills from their beginning to their end, and acts on one trigger and on many. In a real browser."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import API, Api, signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SPACE = "e2e.page_triggers"
WAITS = f"""\
id: {{id}}
namespace: {SPACE}
inputs:
  - {{{{id: of, type: STRING, defaults: schedule}}}}
tasks:
  - {{{{id: wait, type: io.kestra.plugin.core.flow.Pause}}}}
triggers:
  - {{{{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 * * 1-5"}}}}
  - {{{{id: monthly, type: io.kestra.plugin.core.trigger.Schedule, cron: "30 6 1 * *"}}}}
"""


@pytest.fixture
def name() -> str:
    return f"waits_{uuid.uuid4().hex[:8]}"


async def state_of(api: Api, flow_id: str, trigger_id: str = "daily") -> dict[str, Any]:
    found = await api.client.get(f"{API}/triggers/{SPACE}/{flow_id}")
    (state,) = [each for each in found.json()["results"] if each["triggerId"] == trigger_id]
    return dict(state)


def row_of(tab: Tab, trigger_id: str):
    return tab.page.get_by_role("table", name="Triggers").get_by_role("row").filter(has_text=trigger_id).first


async def begin_backfill(tab: Tab) -> None:
    """Ask for three days with an input and a label."""
    page = tab.page
    await row_of(tab, "daily").get_by_role("button", name="Backfill").click()
    dialog = page.get_by_role("dialog", name="Backfill daily")
    await dialog.get_by_label("From").fill("2026-01-05T00:00")
    await dialog.get_by_label("To", exact=True).fill("2026-01-07T23:00")
    await dialog.get_by_label("of", exact=True).fill("backfill")
    await dialog.get_by_label("Key of label 1").fill("why")
    await dialog.get_by_label("Value of label 1").fill("repair")
    await dialog.get_by_role("button", name="Create backfill").click()
    await expect(dialog).to_be_hidden()


async def test_a_backfill_is_created_followed_paused_continued_and_deleted(tab: Tab, name: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(WAITS.format(id=name))
        await tab.enter(f"/ui/main/flows/edit/{SPACE}/{name}/triggers")
        await expect(row_of(tab, "daily")).to_contain_text("on weekdays at 09:00")
        await expect(row_of(tab, "monthly")).to_contain_text("on day 1 of every month at 06:30")
        await begin_backfill(tab)
        await expect(page.get_by_role("progressbar", name="Backfill of daily")).to_be_visible()

        async def first() -> dict[str, Any]:
            state = await state_of(api, name)
            return state if "executionId" in state else {}

        holder = await api.get((await within(30, first))["executionId"])
        assert holder["inputs"] == {"of": "backfill"}
        assert {"key": "why", "value": "repair"} in holder["labels"]
        assert (await state_of(api, name))["backfill"]["end"].startswith("2026-01-07")

        await tab.button("Pause").click()
        await expect(page.get_by_text("Backfill paused")).to_be_visible()
        assert (await state_of(api, name))["backfill"]["paused"]
        await page.reload()
        await expect(page.get_by_text("Backfill paused")).to_be_visible()
        await tab.button("Continue").click()
        await expect(page.get_by_text("Backfill paused")).to_be_hidden()
        await tab.confirm("Delete backfill")
        await expect(page.get_by_role("progressbar")).to_have_count(0)
        assert "backfill" not in await state_of(api, name)


async def test_a_backfill_without_a_date_is_refused_in_its_dialog(tab: Tab, name: str):
    async with signed_in(tab.system) as api:
        await api.save(WAITS.format(id=name))
    await tab.enter(f"/ui/main/flows/edit/{SPACE}/{name}/triggers")
    await row_of(tab, "daily").get_by_role("button", name="Backfill").click()
    dialog = tab.page.get_by_role("dialog", name="Backfill daily")
    await dialog.get_by_label("From").fill("2026-01-03T00:00")
    await dialog.get_by_label("To", exact=True).fill("2026-01-04T00:00")
    await dialog.get_by_role("button", name="Create backfill").click()
    await expect(dialog.get_by_role("alert").filter(has_text="no date")).to_be_visible()


async def test_many_triggers_are_disabled_and_begin_anew_after_a_question_that_counts(tab: Tab, name: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(WAITS.format(id=name))
        await tab.enter(f"/ui/main/admin/triggers?q={name}")
        await expect(row_of(tab, "daily")).to_contain_text("enabled")
        await page.get_by_label("Choose this page").check()
        await expect(page.get_by_text("2 chosen", exact=True)).to_be_visible()
        bar = page.get_by_role("region", name="Chosen")
        await bar.get_by_role("button", name="Disable").click()
        await expect(page.get_by_role("dialog", name="Disable 2 triggers?")).to_be_visible()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("2 triggers disabled.", exact=True)).to_be_visible()
        await expect(row_of(tab, "monthly")).to_contain_text("disabled")
        assert (await state_of(api, name, "monthly"))["disabled"]

        await page.get_by_label(f"Choose {SPACE}.{name}.monthly").check()
        await bar.get_by_role("button", name="Delete state").click()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("1 trigger begun anew.", exact=True)).to_be_visible()
        await expect(row_of(tab, "monthly")).to_contain_text("enabled")
        await expect(row_of(tab, "daily")).to_contain_text("disabled")


async def test_a_trigger_that_waits_is_unlocked(tab: Tab, name: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(WAITS.format(id=name))
        await tab.enter(f"/ui/main/flows/edit/{SPACE}/{name}/triggers")
        await begin_backfill(tab)
        await expect(row_of(tab, "daily")).to_contain_text("waits for its execution")
        await tab.button("Pause").click()
        await expect(page.get_by_text("Backfill paused")).to_be_visible()
        await page.get_by_role("button", name="More for daily").click()
        await page.get_by_role("menuitem", name="Unlock").click()
        await expect(row_of(tab, "daily")).to_contain_text("enabled")
        await page.get_by_role("button", name="More for daily").click()
        await page.get_by_role("menuitem", name="Delete state").click()
        await tab.button("Confirm").click()
        await expect(page.get_by_role("progressbar")).to_have_count(0)
        await expect(page).to_have_url(re.compile("/triggers$"))


async def test_a_backfill_and_its_dialog_fit_a_phone(browser: Browser, system: System, name: str):
    async with signed_in(system) as api:
        await api.save(WAITS.format(id=name))
    async with opened_tab(browser, system, viewport={"width": 390, "height": 844}) as tab:
        await tab.enter(f"/ui/main/flows/edit/{SPACE}/{name}/triggers")
        await begin_backfill(tab)
        await expect(tab.page.get_by_role("progressbar")).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 390
        await tab.confirm("Delete backfill")
        await expect(tab.page.get_by_role("progressbar")).to_have_count(0)
