"""The list of flows with acts on many of them, the tabs of a flow, home's bars, the form that executes, and settings."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import API, Api, signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture
def space() -> str:
    return f"e2e.flows.{uuid.uuid4().hex[:8]}"


def flow(space: str, flow_id: str, tasks: str = "", more: str = "") -> str:
    said = tasks or f"  - {{id: say, type: {LOG}, message: hello}}\n"
    return f"id: {flow_id}\nnamespace: {space}\n{more}tasks:\n{said}"


def names_in(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


async def save_all(api: Api, space: str) -> None:
    for name in ("one", "two", "three"):
        await api.save(flow(space, name))


async def test_many_flows_are_disabled_exported_and_deleted_after_a_question_that_counts(
    tab: Tab, space: str
):
    page = tab.page
    async with signed_in(tab.system) as api:
        await save_all(api, space)
        await tab.enter(f"/ui/main/flows?q={space}")
        for name in ("one", "two"):
            await page.get_by_label(f"Choose {space}.{name}", exact=True).check()
        bar = page.get_by_role("region", name="Chosen")
        await bar.get_by_role("button", name="Disable").click()
        await expect(page.get_by_role("dialog", name="Disable 2 flows?")).to_be_visible()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("2 flows disabled.", exact=True)).to_be_visible()
        disabled = {
            name: (await api.client.get(f"{API}/flows/{space}/{name}")).json().get("disabled", False)
            for name in ("one", "two", "three")
        }
        assert disabled == {"one": True, "two": True, "three": False}

        await page.get_by_label("Choose this page").check()
        async with page.expect_download() as coming:
            await bar.get_by_role("button", name="Export").click()
        assert len(names_in(await (await coming.value).path())) == 3
        await expect(page.get_by_text("3 flows exported.", exact=True)).to_be_visible()

        await page.get_by_label(f"Choose {space}.three", exact=True).check()
        await bar.get_by_role("button", name="Delete").click()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("1 flow deleted.", exact=True)).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="three")).to_have_count(0)
        assert (await api.client.get(f"{API}/flows/{space}/three")).status_code == 404


async def test_the_list_shows_the_last_executions_as_bars_and_the_next_date(tab: Tab, space: str):
    page = tab.page
    triggers = "triggers:\n  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 1 1 *'}\n"
    fails = "  - {id: stop, type: io.kestra.plugin.core.execution.Fail, condition: '{{ inputs.fail }}'}\n"
    inputs = "inputs:\n  - {id: fail, type: BOOL, defaults: false}\n"
    async with signed_in(tab.system) as api:
        await api.save(flow(space, "runs", fails, inputs + triggers))
        for fail in ("false", "true", "false"):
            await api.ended((await api.execute(space, "runs", {"fail": fail}))["id"])
        await tab.enter(f"/ui/main/flows?q={space}")
        bars = page.get_by_role("link", name="Last executions of runs: 2 SUCCESS, 1 FAILED")
        await expect(bars.locator("i")).to_have_count(3)
        await expect(page.get_by_role("row").filter(has_text="runs")).to_contain_text(re.compile(r"in \d+ "))
        await bars.click()
        await expect(page).to_have_url(re.compile("/executions$"))


async def test_a_bar_of_home_opens_the_executions_that_it_counts(tab: Tab, space: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await save_all(api, space)
        ended = await api.ended((await api.execute(space, "one"))["id"])

        async def counted() -> bool:
            params = {"filters[namespace][EQUALS]": space, "filters[state][EQUALS]": "SUCCESS"}
            answer = await api.client.get(f"{API}/executions/search", params=params)
            return bool(answer.json()["total"])

        await within(30, counted)
        await tab.enter("/ui/")
        await expect(tab.heading("Home")).to_be_visible()
        day = ended["state"]["startDate"][:10]
        await page.get_by_role("link", name=re.compile(rf"^{day}: \d+ executions? SUCCESS$")).click()
        await expect(page).to_have_url(re.compile(rf"state=SUCCESS&from={day}T00"))
        await tab.find(space)
        await expect(page.get_by_role("row").filter(has_text=ended["id"])).to_be_visible()
        await page.get_by_role("button", name=re.compile("^Started from ")).click()
        await expect(page).not_to_have_url(re.compile("from="))


async def test_a_flow_shows_its_metrics_and_which_flow_starts_which(tab: Tab, space: str):
    page = tab.page
    publish = (
        "  - id: measure\n    type: io.kestra.plugin.core.metric.Publish\n"
        "    metrics:\n      - {name: rows_read, type: counter, value: 7}\n"
    )
    call = (
        f"  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {space}, flowId: measures}}\n"
    )
    async with signed_in(tab.system) as api:
        await api.save(flow(space, "measures", publish))
        await api.save(flow(space, "caller", call))
        for _ in range(2):
            await api.ended((await api.execute(space, "measures"))["id"])
        await tab.enter(f"/ui/main/flows/edit/{space}/measures/metrics")
        await expect(page.get_by_label("Metric", exact=True)).to_contain_text("rows_read")
        await page.get_by_text("Numbers").click()
        await expect(page.get_by_role("table", name="rows_read")).to_contain_text("14")
        await page.get_by_label("Values of one span").select_option("most")
        await expect(page.get_by_role("cell", name="7", exact=True)).to_be_visible()
        await page.get_by_role("tab", name="Dependencies").click()
        row = page.get_by_role("table", name="Dependencies").get_by_role("row").filter(has_text="caller")
        await expect(row).to_contain_text("as a subflow")
        await row.get_by_role("link", name=f"{space}.caller").click()
        await expect(tab.heading("caller")).to_be_visible()


async def test_inputs_are_saved_as_a_preset_written_as_json_and_shown_as_a_call(tab: Tab, space: str):
    page = tab.page
    inputs = "inputs:\n  - {id: who, type: STRING}\n  - {id: times, type: INT, defaults: 1}\n"
    limit = "concurrency:\n  limit: 2\n"
    said = f"  - {{id: say, type: {LOG}, message: '{{{{ inputs.who }}}} {{{{ inputs.times }}}}'}}\n"
    async with signed_in(tab.system) as api:
        await api.save(flow(space, "asks", said, limit + inputs))
    await tab.enter(f"/ui/main/flows/edit/{space}/asks")
    await expect(page.get_by_text("0 of 2 slots are taken. The next one begins now.")).to_be_visible()
    await page.get_by_label("who", exact=True).fill("Ada")
    await page.get_by_text("Inputs as JSON").click()
    box = page.get_by_role("textbox", name="Inputs as JSON")
    assert json.loads(await box.input_value()) == {"who": "Ada"}
    await box.fill('{"who": "Grace", "times": 3}')
    await expect(page.get_by_label("times", exact=True)).to_have_value("3")
    await box.fill('{"who": ')
    await expect(page.get_by_role("alert").filter(has_text="JSON")).to_be_visible()
    await box.fill('{"who": "Grace", "times": 3}')
    await tab.button("Save as a preset").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("three times")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await page.reload()
    await page.get_by_label("Preset", exact=True).select_option("three times")
    await expect(page.get_by_label("who", exact=True)).to_have_value("Grace")
    await page.get_by_text("The same call by curl or Python").click()
    await expect(page.locator(".snippet").first).to_contain_text("--form-string 'times=3'")
    await tab.button("Execute").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.log()).to_contain_text("Grace 3")


async def test_filters_of_executions_are_saved_as_a_view(tab: Tab, space: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await save_all(api, space)
        ended = await api.ended((await api.execute(space, "one"))["id"])
    await tab.enter(f"/ui/main/executions?q={space}&state=SUCCESS")
    await tab.button("Save as a view").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("what went well")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await page.goto(f"{tab.system.url}/ui/main/executions")
    await page.get_by_label("View", exact=True).select_option("what went well")
    await expect(page).to_have_url(re.compile(rf"q={space}&state=SUCCESS$"))
    await expect(page.get_by_role("row").filter(has_text=ended["id"])).to_be_visible()
    await page.get_by_text("Columns", exact=True).click()
    await page.get_by_label("Revision").check()
    await expect(page.get_by_role("columnheader", name="Revision")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("columnheader", name="Revision")).to_be_visible()
    await page.get_by_label("View", exact=True).select_option("what went well")
    await tab.button("Forget this view").click()
    await expect(page.get_by_label("View", exact=True)).to_have_count(0)


async def test_settings_hold_on_every_page_and_after_a_reload(tab: Tab, space: str):
    page = tab.page
    async with signed_in(tab.system) as api:
        await save_all(api, space)
        ended = await api.ended((await api.execute(space, "one"))["id"])
    await tab.enter("/ui/main/preferences")
    await page.get_by_label("Time zone").select_option("Asia/Tokyo")
    await page.get_by_label("Form of dates").select_option("29.11.2026 23:05:00")
    await page.get_by_label("Namespace of new flows").fill(space)
    await page.get_by_label("Font size of the editor").select_option("16")
    await page.get_by_label("Colours", exact=True).select_option("dark")
    await expect(page.get_by_role("contentinfo")).to_contain_text("Asia/Tokyo (UTC+09:00)")
    await page.goto(f"{tab.system.url}/ui/main/executions?q={ended['id']}")
    await expect(page.locator("time").first).to_have_text(re.compile(r"^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d$"))
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    await page.goto(f"{tab.system.url}/ui/main/flows/new")
    editor = page.get_by_role("textbox", name="Flow code")
    await expect(editor).to_contain_text(f"namespace: {space}")
    assert await editor.evaluate("e => getComputedStyle(e).fontSize") == "16px"


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_the_new_pages_fit_a_phone(browser: Browser, system: System, space: str, colours: str):
    async with signed_in(system) as api:
        await save_all(api, space)
        await api.ended((await api.execute(space, "one"))["id"])
    narrow = {"width": 390, "height": 844}
    async with opened_tab(browser, system, viewport=narrow, color_scheme=colours) as tab:
        await tab.enter()
        flow_tabs = [f"flows/edit/{space}/one/{each}" for each in ("metrics", "dependencies")]
        for place in ["dashboards", f"flows?q={space}", "preferences", *flow_tabs]:
            await tab.page.goto(f"{system.url}/ui/main/{place}")
            await expect(tab.page.locator("main h1")).to_be_visible()
            await expect(tab.page.get_by_text("Loading …")).to_have_count(0)
            assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 390, place
