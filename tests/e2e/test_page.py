"""The page at ``/ui`` in a real browser: what a person does with flows, from signing in to killing an execution."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import signed_in
from tests.support.browser import PATIENCE_MS, Tab
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

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


async def test_a_person_signs_in_imports_runs_and_sees_it_end(tab: Tab):
    page = tab.page
    await tab.enter("/")
    await expect(tab.heading("Home")).to_be_visible()
    await tab.link("Flows").click()
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
    await tab.confirm("Kill")
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
    await tab.confirm("Kill")
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
    await tab.confirm("Restart")
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


async def test_a_wrong_password_is_reported_and_a_right_one_opens_the_requested_page(tab: Tab):
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
    await expect(alert).to_contain_text("5:11 tasks[0].type: ")
    await expect(alert).to_contain_text("no.such.Type")
