"""Flows are written in the page: in a real browser, as a person does."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import Api, signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

LOG = "io.kestra.plugin.core.log.Log"

PASTE = """(node, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  node.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def flow(flow_id: str, message: str = "first") -> str:
    return (
        f"id: {flow_id}\nnamespace: e2e.page\ntasks:\n  - id: say\n    type: {LOG}\n    message: {message}\n"
    )


async def source_of(api: Api, flow_id: str) -> str:
    answer = await api.client.get(f"/api/v1/main/flows/e2e.page/{flow_id}?source=true")
    return str(answer.json()["source"])


class Editor:
    def __init__(self, tab: Tab) -> None:
        self.tab, self.page = tab, tab.page
        self.text = tab.page.get_by_role("textbox", name="Flow code")

    async def open(self, path: str) -> None:
        await self.tab.enter(path)
        await expect(self.text).to_be_focused()

    async def write(self, source: str) -> None:
        """Replace the whole text, as a paste does."""
        await self.text.press("Control+a")
        await self.text.evaluate(PASTE, source)

    def problems(self):
        return self.page.get_by_role("list", name="Problems").get_by_role("listitem")


@pytest.fixture
def editor(tab: Tab) -> Editor:
    return Editor(tab)


async def test_a_new_flow_is_written_saved_and_run(editor: Editor):
    tab, page = editor.tab, editor.page
    await tab.enter("/ui/main/flows")
    await tab.button("Create flow").click()
    await expect(editor.text).to_contain_text("Hello, World!")
    await expect(page.get_by_text("No problems.")).to_be_visible()
    await editor.write(flow("page_written", "written here"))
    await tab.button("Save").click()
    await expect(tab.heading("page_written")).to_be_visible()
    await tab.button("Execute").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.log()).to_contain_text("written here")


async def test_a_mistake_is_shown_with_its_line_and_refused_by_the_server(editor: Editor):
    await editor.open("/ui/main/flows/new")
    await editor.write(flow("page_mistaken").replace("message", "mesage"))
    wrong = editor.problems().filter(has_text="mesage")
    await expect(wrong).to_contain_text("message")  # the suggestion
    await expect(editor.page.locator(".cm-lintRange-error").first).to_be_visible()
    await wrong.get_by_role("button", name="Line 6").click()
    await expect(editor.text).to_be_focused()
    await editor.tab.button("Save").click()
    await expect(editor.page.get_by_role("alert")).to_contain_text("mesage")
    await expect(editor.text).to_contain_text("mesage")  # nothing is lost


async def test_types_are_completed_and_keys_explained(editor: Editor):
    page = editor.page
    await editor.open("/ui/main/flows/new")
    await editor.write("id: page_completed\nnamespace: e2e.page\ntasks:\n  - id: say\n    type: log.L")
    option = page.get_by_role("option", name=LOG)
    await page.keyboard.press("Control+Space")
    await option.click()
    await expect(editor.text).to_contain_text(f"type: {LOG}")
    await page.locator(".cm-line").filter(has_text="namespace").get_by_text("namespace", exact=True).hover()
    await expect(page.locator(".cm-tooltip-hover")).to_be_visible()


async def test_a_revision_is_saved_from_the_keyboard_and_a_newer_one_is_not_lost_unseen(editor: Editor):
    tab, page = editor.tab, editor.page
    async with signed_in(tab.system) as api:
        await api.save(flow("page_revised"))
        await editor.open("/ui/main/flows/edit/e2e.page/page_revised/edit")
        await expect(tab.button("Save")).to_be_disabled()
        await editor.write(flow("page_revised", "second"))
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("Revision 2", exact=True)).to_be_visible()
        await api.save(flow("page_revised", "of somebody else"))
        await editor.write(flow("page_revised", "third"))
        await tab.button("Save").click()
        await tab.button("Cancel").click()
        await expect(page.get_by_role("alert")).to_contain_text("the latest is 3")
        assert "of somebody else" in await source_of(api, "page_revised")
        await tab.button("Save").click()
        await tab.button("Save over it").click()
        await expect(page.get_by_text("Revision 4", exact=True)).to_be_visible()
        assert "third" in await source_of(api, "page_revised")


async def test_who_leaves_with_changes_is_asked(editor: Editor):
    tab, page = editor.tab, editor.page
    await tab.enter("/ui/main/flows")
    await tab.button("Create flow").click()
    await editor.write(flow("page_left"))
    await tab.link("Executions").click()
    await tab.button("Cancel").click()
    await expect(editor.text).to_contain_text("page_left")
    await page.go_back()
    await tab.button("Cancel").click()
    await expect(editor.text).to_contain_text("page_left")
    await expect(page).to_have_url(re.compile("/flows/new$"))
    await tab.link("Executions").click()
    await tab.button("Leave").click()
    await expect(tab.heading("Executions")).to_be_visible()


async def test_a_flow_is_deleted_after_a_question(tab: Tab):
    async with signed_in(tab.system) as api:
        await api.save(flow("page_deleted"))
        await tab.enter("/ui/main/flows/edit/e2e.page/page_deleted")
        await tab.button("Delete").click()
        await tab.button("Confirm").click()
        await expect(tab.heading("Flows")).to_be_visible()
        gone = await api.client.get("/api/v1/main/flows/e2e.page/page_deleted")
        assert gone.status_code == 404


async def test_the_editor_fits_a_phone(browser: Browser, system: System):
    async with opened_tab(browser, system, viewport={"width": 390, "height": 760}) as tab:
        await Editor(tab).open("/ui/main/flows/new")
        width = "document.documentElement.scrollWidth"
        assert await tab.page.evaluate(width) <= 390
        await expect(tab.button("Save")).to_be_visible()
