"""An execution's page: confirmation before an action, why it failed, and a way to see all of its task runs."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.api import signed_in
from tests.support.browser import Tab

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

NAMESPACE = "e2e.page"
WAITS = """\
id: page_waits
namespace: e2e.page
tasks:
  - id: wait
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - echo begun; sleep 300
"""
FAILS = """\
id: page_fails
namespace: e2e.page
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [one]
    tasks:
      - id: breaks
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner:
          type: io.kestra.plugin.core.runner.Process
        commands:
          - echo "no column zip" >&2; exit 3
"""
FAILS_AT_THE_END = """\
id: page_fails_at_the_end
namespace: e2e.page
tasks:
  - id: fine
    type: io.kestra.plugin.core.debug.Return
    format: fine
outputs:
  - id: total
    type: STRING
    value: "{{ outputs.nobody.value }}"
"""
SILENT = """\
id: page_silent
namespace: e2e.page
tasks:
  - id: quiet
    type: io.kestra.plugin.core.output.OutputValues
    values: {said: nothing}
"""
TALKS = """\
id: page_talks_once
namespace: e2e.page
tasks:
  - id: talk
    type: io.kestra.plugin.core.log.Log
    message: something
"""
MANY = """\
id: page_many
namespace: e2e.page
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 1200) }}"
    concurrencyLimit: 0
    tasks:
      - id: one
        type: io.kestra.plugin.core.debug.Return
        format: "{{ taskrun.value }}"
"""


async def ended(tab: Tab, source: str) -> None:
    """Run the flow of this source to its end, and open the page of its execution."""
    flow = source.split("\n", 1)[0].removeprefix("id: ")
    async with signed_in(tab.system) as api:
        await api.save(source)
        execution = await api.execute(NAMESPACE, flow, wait=True)
    await tab.enter(f"/ui/main/executions/{NAMESPACE}/{flow}/{execution['id']}")


async def test_a_kill_is_asked_for_and_cancel_changes_nothing(tab: Tab):
    async with signed_in(tab.system) as api:
        await api.save(WAITS)
        execution = await api.execute(NAMESPACE, "page_waits")
    await tab.enter(f"/ui/main/executions/{NAMESPACE}/page_waits/{execution['id']}")
    await expect(tab.log()).to_contain_text("begun")
    asked = tab.page.get_by_role("dialog", name="Kill this execution?")
    for no in (tab.button("Cancel").click, lambda: tab.page.keyboard.press("Escape")):
        await tab.button("Kill").click()
        await expect(asked).to_contain_text("cannot be undone")
        await expect(tab.button("Cancel")).to_be_focused()
        await no()
        await expect(asked).to_be_hidden()
    async with signed_in(tab.system) as api:
        still = await api.get(execution["id"])
    assert still["state"]["current"] == "RUNNING"
    await tab.confirm("Kill")
    await expect(tab.state()).to_have_text("KILLED")


async def test_a_restart_is_asked_for(tab: Tab):
    await ended(tab, FAILS)
    await tab.button("Restart").click()
    await expect(tab.page.get_by_role("dialog", name="Restart this execution?")).to_be_visible()
    await tab.button("Cancel").click()
    await expect(tab.state()).to_have_text("FAILED")
    await expect(tab.task("breaks")).not_to_contain_text("attempt 2")


async def test_the_reason_of_a_failure_is_at_the_top(tab: Tab):
    await ended(tab, FAILS)
    reason = tab.page.get_by_role("alert")
    await expect(reason).to_contain_text("breaks [one] failed")
    await expect(reason).to_contain_text("Command failed with exit code 3")
    box, table = await reason.bounding_box(), await tab.page.get_by_role("table").bounding_box()
    assert box is not None
    assert table is not None
    assert box["y"] < table["y"]


async def test_an_execution_that_fails_by_itself_says_why_on_top(tab: Tab):
    await ended(tab, FAILS_AT_THE_END)
    reason = tab.page.get_by_role("alert")
    await expect(reason).to_contain_text("The execution failed")
    await expect(reason).to_contain_text("outputs.nobody.value")


async def test_an_ended_run_without_lines_does_not_promise_any(tab: Tab):
    await ended(tab, SILENT)
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.page.get_by_text("No lines yet.")).to_have_count(0)
    await expect(tab.page.get_by_text("This execution wrote no lines.")).to_be_visible()


async def test_a_level_that_hides_every_line_is_mentioned(tab: Tab):
    await ended(tab, TALKS)
    await expect(tab.log()).to_contain_text("something")
    await tab.page.get_by_label("From level").select_option("ERROR")
    await expect(tab.page.get_by_text("None of the lines is ERROR or above.")).to_be_visible()


async def test_every_task_run_of_a_long_list_can_be_seen(tab: Tab):
    await ended(tab, MANY)
    rows = tab.page.get_by_role("table", name="Task runs").get_by_role("row")
    pages = tab.page.locator(".pages")
    await expect(rows.nth(1)).to_be_visible()
    seen: set[str] = set()
    while True:
        # The head is a row, too.
        assert 2 <= await rows.count() <= 201
        seen |= set(re.findall(r"one \[(\d+)\]", " ".join(await rows.all_inner_texts())))
        if await pages.get_by_role("button", name="Next").is_disabled():
            break
        first = await rows.nth(1).inner_text()
        await pages.get_by_role("button", name="Next").click()
        await expect(rows.nth(1)).not_to_have_text(first)
    assert seen == {str(number) for number in range(1, 1201)}
    await expect(pages).to_contain_text("1201 of 1201")
