"""The page at ``/ui`` in a real browser: what a person does with flows, from signing in to killing what runs."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, FilePayload, Page, async_playwright, expect

from tests.support.api import signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

CHROMIUM = os.environ.get("TOCCATA_TEST_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
HELLO = """\
id: page_hello
namespace: e2e.page
description: Greets whoever is named.
inputs:
  - id: name
    type: STRING
    defaults: world
  - id: times
    type: INT
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: "Hello, {{ inputs.name }}!"
  - id: counted
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.times }}"
outputs:
  - id: greeting
    type: STRING
    value: "Good day, {{ inputs.name }}."
"""
TALKS = """\
id: page_talks
namespace: e2e.page
tasks:
  - id: talk
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - echo first; while ! test -e {mark}; do sleep 0.05; done; echo second; sleep 300
"""
BREAKS_ONCE = """\
id: page_breaks_once
namespace: e2e.page
tasks:
  - id: breaks
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - test -e {mark}
"""
ATTACK = "<img src=x onerror=document.title=1><script>1</script>"
HOSTILE = f"""\
id: page_hostile
namespace: e2e.page
description: {json.dumps(ATTACK)}
labels:
  mark: {json.dumps(ATTACK)}
inputs:
  - id: said
    type: STRING
    displayName: {json.dumps(ATTACK)}
    defaults: {json.dumps(ATTACK)}
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: "{{{{ inputs.said }}}}"
  - id: back
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ inputs.said }}}}"
"""
BROKEN = "id: page_broken\nnamespace: e2e.page\ntasks:\n  - id: a\n    type: no.such.Type\n"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium, or name one in TOCCATA_TEST_CHROMIUM")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


class Tab:
    """One tab, with what its console says and where its requests go."""

    def __init__(self, page: Page, system: System) -> None:
        self.page = page
        self.system = system
        self.faults: list[str] = []
        self.addresses: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))

    async def open(self, path: str = "/ui/") -> None:
        await self.page.goto(self.system.url + path)

    async def sign_in(self, password: str) -> None:
        await self.page.get_by_label("E-mail").fill(self.system.auth[0])
        await self.page.get_by_label("Password").fill(password)
        await self.page.keyboard.press("Enter")

    async def enter(self, path: str = "/ui/") -> None:
        await self.open(path)
        await self.sign_in(self.system.auth[1])
        await expect(self.button("Sign out")).to_be_visible()

    async def import_flow(self, source: str, name: str = "flow.yaml") -> None:
        upload = self.page.get_by_label(re.compile("^Import flows"))
        await upload.set_input_files(
            FilePayload(name=name, mimeType="application/yaml", buffer=source.encode())
        )
        await self.button("Import").click()

    async def find(self, words: str) -> None:
        """Other tests have flows here, too: more than one page of them."""
        await self.page.get_by_role("searchbox").fill(words)
        await self.page.keyboard.press("Enter")

    def button(self, name: str):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str):
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str):
        return self.page.get_by_role("heading", name=name, exact=True)

    def state(self):
        """Of the execution, beside its name."""
        return self.page.locator(".badge")

    def task(self, name: str):
        """The row of this task run."""
        return self.page.get_by_role("table", name="Task runs").get_by_role("row").filter(has_text=name)

    def log(self):
        return self.page.get_by_role("log")

    def _hear(self, message) -> None:
        # Chromium reports every answer of 400 and more; those are the tests' own doing.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture
async def tab(browser: Browser, system: System) -> AsyncIterator[Tab]:
    expect.set_options(timeout=PATIENCE_MS)
    context = await browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    opened = Tab(await context.new_page(), system)
    yield opened
    await context.close()
    assert opened.faults == []
    foreign = [
        url for url in opened.addresses if not url.startswith((f"{system.url}/ui", f"{system.url}/api/"))
    ]
    assert foreign == [f"{system.url}/"] * len(foreign)


async def test_a_person_signs_in_imports_runs_and_sees_it_end(tab: Tab):
    page = tab.page
    await tab.enter("/")
    await tab.import_flow(HELLO, "hello.yaml")
    await expect(page.get_by_text("Imported hello.yaml.")).to_be_visible()
    await tab.find("page_hello")
    await tab.link("page_hello").click()
    await expect(page.get_by_text("Greets whoever is named.", exact=True)).to_be_visible()
    await tab.button("Execute").click()
    await expect(page.get_by_role("alert").filter(has_text="times")).to_be_visible()
    await expect(page.get_by_label("times")).to_be_focused()
    await page.get_by_label("name").fill("Ada")
    await page.get_by_label("times").fill("3")
    await tab.button("Execute").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.log()).to_contain_text("Hello, Ada!")
    await expect(tab.task("greet")).to_contain_text("SUCCESS")
    await expect(tab.task("greet")).to_contain_text(re.compile(r"\d+ ms|\d\.\d s"))
    await tab.task("counted").get_by_text("Outputs").click()
    await expect(tab.task("counted").locator("pre")).to_contain_text('"value": "3"')
    await expect(page.get_by_text("Good day, Ada.")).to_be_visible()
    await expect(tab.button("Kill")).to_be_hidden()
    execution_id = page.url.rpartition("/")[2]
    await tab.link("Executions").click()
    row = page.get_by_role("row").filter(has_text=execution_id)
    await expect(row).to_contain_text("SUCCESS")
    await row.get_by_role("link", name=execution_id).click()
    await expect(tab.log()).to_contain_text("Hello, Ada!")
    await page.go_back()
    await expect(tab.heading("Executions")).to_be_visible()


async def test_logs_come_while_the_task_runs_and_a_kill_ends_it(tab: Tab, tmp_path: Path):
    mark = tmp_path / "mark"
    async with signed_in(tab.system) as api:
        await api.save(TALKS.format(mark=mark))
    await tab.enter("/ui/main/flows/edit/e2e.page/page_talks")
    await tab.button("Execute").click()
    await expect(tab.log()).to_contain_text("first")
    await expect(tab.state()).to_have_text("RUNNING")
    await expect(tab.log()).not_to_contain_text("second")
    mark.touch()
    await expect(tab.log()).to_contain_text("second")
    await tab.button("Kill").click()
    await expect(tab.state()).to_have_text("KILLED")
    await expect(tab.task("talk")).to_contain_text("KILLED")
    await expect(tab.button("Kill")).to_be_hidden()


async def test_a_page_goes_on_where_the_server_was_restarted(
    browser: Browser, own_system: System, tmp_path: Path
):
    expect.set_options(timeout=PATIENCE_MS)
    mark = tmp_path / "mark"
    async with signed_in(own_system) as api:
        await api.save(TALKS.format(mark=mark))
        running = await api.execute("e2e.page", "page_talks")
    tab = Tab(await browser.new_page(), own_system)
    await tab.enter(f"/ui/main/executions/e2e.page/page_talks/{running['id']}")
    await expect(tab.log().get_by_role("listitem")).to_have_count(1)
    await own_system.stop("web")
    await expect(tab.page.get_by_text("Connection lost. Trying again")).to_be_visible()
    await own_system.start("web")
    mark.touch()
    await expect(tab.log()).to_contain_text("second")
    await expect(tab.log().get_by_role("listitem")).to_have_count(2)
    await expect(tab.page.get_by_text("Connection lost. Trying again")).to_be_hidden()
    await tab.button("Kill").click()
    await expect(tab.state()).to_have_text("KILLED")


async def test_what_the_address_names_does_not_exist(tab: Tab):
    await tab.enter("/ui/main/executions/e2e.page/page_talks/none")
    await expect(tab.heading("Not found")).to_be_visible()
    await tab.link("Flows").click()
    await expect(tab.heading("Flows")).to_be_visible()


async def test_a_restart_is_followed_to_its_end(tab: Tab, tmp_path: Path):
    mark = tmp_path / "mark"
    async with signed_in(tab.system) as api:
        await api.save(BREAKS_ONCE.format(mark=mark))
        failed = await api.execute("e2e.page", "page_breaks_once", wait=True)
    await tab.enter(f"/ui/main/executions/e2e.page/page_breaks_once/{failed['id']}")
    await expect(tab.state()).to_have_text("FAILED")
    mark.touch()
    await tab.button("Restart").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.task("breaks")).to_contain_text("attempt 2")


async def test_what_flows_and_logs_say_is_never_markup(tab: Tab):
    page = tab.page
    await tab.enter()
    await tab.import_flow(HOSTILE, "<img src=x onerror=alert(1)>.yaml")
    await expect(page.get_by_text("Imported <img src=x onerror=alert(1)>.yaml.")).to_be_visible()
    await tab.find("page_hostile")
    await expect(page.get_by_role("row").filter(has_text="page_hostile")).to_contain_text(ATTACK)
    await tab.link("page_hostile").click()
    await expect(page.get_by_label(ATTACK)).to_be_visible()
    await tab.button("Execute").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.log()).to_contain_text(ATTACK)
    await tab.task("back").get_by_text("Outputs").click()
    await expect(tab.task("back").locator("pre")).to_contain_text("onerror")
    assert await page.locator("main img, main script").count() == 0
    assert (await page.title()).endswith("Toccata")


async def test_the_policy_refuses_markup_and_foreign_code(tab: Tab):
    await tab.enter()
    refused = await tab.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch (e) { return e instanceof TypeError; } }"
    )
    assert refused
    with pytest.raises(Error, match="TrustedScript"):
        await tab.page.evaluate("() => document.body.setAttribute('onclick', 'window.ran = 1')")
    foreign = await tab.page.evaluate(
        "() => fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)"
    )
    assert foreign == "TypeError"
    assert any("Content Security Policy" in fault for fault in tab.faults)
    tab.faults.clear()


async def test_a_wrong_password_is_told_and_a_right_one_opens_what_was_asked_for(tab: Tab):
    page = tab.page
    await tab.open("/ui/executions")
    await tab.sign_in("wrong")
    await expect(page.get_by_role("alert")).to_have_text("Wrong e-mail or password.")
    assert not await tab.button("Sign out").is_visible()
    await tab.sign_in(tab.system.auth[1])
    await expect(tab.heading("Executions")).to_be_visible()
    assert page.url == f"{tab.system.url}/ui/main/executions"
    await tab.button("Sign out").click()
    await expect(tab.heading("Sign in")).to_be_visible()
    await page.reload()
    await expect(tab.heading("Sign in")).to_be_visible()


async def test_a_refused_import_says_why_and_where(tab: Tab):
    await tab.enter()
    await tab.import_flow(BROKEN, "broken.yaml")
    alert = tab.page.get_by_role("alert")
    await expect(alert).to_contain_text("broken.yaml was not imported.")
    await expect(alert).to_contain_text("Line 5")
    await expect(alert).to_contain_text("no.such.Type")
