"""The page at work: paused executions, files as inputs, replay, deletion, triggers and logs. In a real browser."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.support.api import signed_in
from tests.support.browser import Tab, opened_tab
from tests.support.system import System, within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SPACE = "e2e.operations"
LOG = "io.kestra.plugin.core.log.Log"
ASKS = f"""\
id: asks
namespace: {SPACE}
tasks:
  - id: approval
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - id: reason
        type: STRING
      - id: times
        type: INT
        defaults: 2
  - id: told
    type: {LOG}
    message: "because {{{{ outputs.approval.onResume.reason }}}}, {{{{ outputs.approval.onResume.times }}}}"
"""
READS = f"""\
id: reads
namespace: {SPACE}
inputs:
  - id: data
    type: FILE
    allowedFileExtensions: [.txt]
tasks:
  - id: shown
    type: {LOG}
    message: "{{{{ read(inputs.data) }}}}"
"""
TIMED = f"""\
id: timed
namespace: {SPACE}
tasks:
  - id: say
    type: {LOG}
    message: tick
triggers:
  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 0 1 1 *"
"""


def speaks(word: str) -> str:
    return (
        f"id: speaks\nnamespace: {SPACE}\ntasks:\n"
        f"  - {{id: quiet, type: {LOG}, level: DEBUG, message: 'low {word}'}}\n"
        f"  - {{id: loud, type: {LOG}, level: ERROR, message: 'high {word}'}}\n"
    )


async def test_a_paused_execution_asks_for_its_inputs_and_goes_on(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(ASKS)
        begun = await api.execute(SPACE, "asks")
        await api.reached(begun["id"], "PAUSED")
        await tab.enter(f"/ui/main/executions/{SPACE}/asks/{begun['id']}")
        await tab.button("Resume").click()
        await expect(page.get_by_role("alert").filter(has_text="reason")).to_be_visible()
        await page.get_by_label("reason").fill("it rains")
        await tab.button("Resume").click()
        await expect(tab.state()).to_have_text("SUCCESS")
        await expect(tab.log()).to_contain_text("because it rains, 2")
        await expect(tab.button("Resume")).to_be_hidden()


async def test_a_file_is_given_as_an_input(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(READS)
    await tab.enter(f"/ui/main/flows/edit/{SPACE}/reads")
    field = page.get_by_label("data")
    await field.set_input_files(FilePayload(name="a.csv", mimeType="text/csv", buffer=b"no"))
    await expect(page.get_by_role("alert").filter(has_text=".txt")).to_be_visible()
    content = FilePayload(name="a.txt", mimeType="text/plain", buffer="content of ☂ a file".encode())
    await field.set_input_files(content)
    await tab.button("Execute").click()
    await expect(tab.state()).to_have_text("SUCCESS")
    await expect(tab.log()).to_contain_text("content of ☂ a file")


async def test_an_execution_is_replayed_and_deleted(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(speaks("again"))
        ended = await api.ended((await api.execute(SPACE, "speaks"))["id"])
        await tab.enter(f"/ui/main/executions/{SPACE}/speaks/{ended['id']}")
        await tab.confirm("Replay")
        await expect(page).not_to_have_url(re.compile(ended["id"]))
        await expect(tab.state()).to_have_text("SUCCESS")
        replayed = page.url.rpartition("/")[2]
        assert (await api.get(replayed))["flowId"] == "speaks"
        await tab.confirm("Delete")
        await expect(tab.heading("Executions")).to_be_visible()
        gone = await api.client.get(f"/api/v1/main/executions/{replayed}")
        assert gone.status_code == 404
        assert (await api.get(ended["id"]))["id"] == ended["id"]


async def test_triggers_are_seen_disabled_and_enabled(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(TIMED)
    await tab.enter("/ui/main/triggers")
    await tab.find("yearly")
    row = page.get_by_role("row").filter(has_text=f"{SPACE}.timed")
    await expect(row).to_contain_text("enabled")
    await expect(row).to_contain_text("-01-01 00:00:00")
    await row.get_by_role("button", name="Disable").click()
    await expect(row).to_contain_text("disabled")
    await page.reload()
    await expect(row).to_contain_text("disabled")
    await row.get_by_role("button", name="Enable").click()
    await expect(row).to_contain_text("enabled")
    await row.get_by_role("link", name=f"{SPACE}.timed").click()
    await expect(tab.heading("timed")).to_be_visible()


async def test_lines_of_all_executions_are_found_by_words_and_level(tab: Tab):
    page, word = tab.page, uuid.uuid4().hex
    async with signed_in(tab.system) as api:
        await api.save(speaks(word))
        ended = await api.ended((await api.execute(SPACE, "speaks"))["id"])
        await api.lines_with(ended["id"], f"high {word}")
        await tab.enter("/ui/main/logs")
        await tab.find(word)
        rows = page.get_by_role("row").filter(has_text=word)
        await expect(rows).to_have_count(2)
        await page.get_by_label("Level").select_option("WARN")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(f"high {word}")
        await rows.get_by_role("link").first.click()
        await expect(tab.log()).to_contain_text(f"high {word}")


@pytest.mark.parametrize("path", ["/ui/main/triggers", "/ui/main/logs"])
async def test_the_lists_fit_a_phone(browser: Browser, system: System, path: str):
    async with signed_in(system) as api:
        await api.save(TIMED)
        await api.save(speaks("narrow"))
        await api.ended((await api.execute(SPACE, "speaks"))["id"])
    async with opened_tab(browser, system, viewport={"width": 390, "height": 760}) as tab:
        await tab.enter(path)
        await expect(tab.page.get_by_role("row").nth(1)).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 390


REPLAYED = f"""\
id: replayed
namespace: {SPACE}
inputs:
  - {{id: word, type: STRING, defaults: first}}
tasks:
  - id: one
    type: io.kestra.plugin.core.debug.Return
    format: "one {{{{ inputs.word }}}}"
  - id: two
    type: {LOG}
    message: "two {{{{ inputs.word }}}}"
"""


async def test_a_replay_begins_with_a_task_and_has_other_inputs_on_another_revision(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(REPLAYED)
        ended = await api.ended((await api.execute(SPACE, "replayed", {"word": "before"}))["id"])
        await api.save(REPLAYED.replace("two {{", "again {{"))
        newest = ended["flowRevision"] + 1
        await tab.enter(f"/ui/main/executions/{SPACE}/replayed/{ended['id']}")
        await page.get_by_role("button", name="Replay from two").click()
        dialog = page.get_by_role("dialog", name="Replay this execution?")
        await dialog.get_by_label("Revision").select_option(str(newest))
        await dialog.get_by_label("Inputs").select_option("other")
        await expect(dialog.get_by_label("word")).to_have_value("before")
        await dialog.get_by_label("word").fill("after")
        await tab.button("Confirm").click()
        await expect(page).not_to_have_url(re.compile(ended["id"]))
        await expect(tab.state()).to_have_text("SUCCESS")
        await expect(tab.log()).to_contain_text("again after")
        replayed = await api.get(page.url.rpartition("/")[2])
        assert (replayed["flowRevision"], replayed["inputs"]) == (newest, {"word": "after"})
        kept = {each["taskId"]: each.get("outputs") for each in replayed["taskRunList"]}
        assert kept["one"] == {"value": "one before"}, "the task before it did not run again"


async def test_labels_and_status_of_an_execution_are_changed(tab: Tab):
    page = tab.page
    async with signed_in(tab.system) as api:
        await api.save(speaks("labels"))
        ended = await api.ended((await api.execute(SPACE, "speaks"))["id"])
        await tab.enter(f"/ui/main/executions/{SPACE}/speaks/{ended['id']}")
        await tab.button("Labels").click()
        await page.get_by_label("Key of label 1").fill("team")
        await page.get_by_label("Value of label 1").fill("billing")
        await tab.button("Confirm").click()
        await expect(page.get_by_text("team: billing")).to_be_visible()
        await tab.button("Status").click()
        await page.get_by_role("dialog").get_by_label("State").select_option("WARNING")
        await tab.button("Confirm").click()
        await expect(tab.state()).to_have_text("WARNING")
        changed = await api.get(ended["id"])
    assert changed["state"]["current"] == "WARNING"
    assert {"key": "team", "value": "billing"} in changed["labels"]


async def test_all_executions_that_match_are_labelled_and_replayed(tab: Tab):
    page, space = tab.page, f"{SPACE}.many{uuid.uuid4().hex[:8]}"
    async with signed_in(tab.system) as api:
        await api.save(speaks("many").replace(SPACE, space))
        ids = [(await api.execute(space, "speaks"))["id"] for _ in range(27)]
        for each in ids:
            await api.ended(each)
        await tab.enter(f"/ui/main/executions?q={space}")
        await expect(page.get_by_text("1\u201325 of 27")).to_be_visible()
        await page.get_by_label("Choose this page").check()
        await tab.button("All 27 that match").click()
        bar = page.get_by_role("region", name="Chosen")
        await bar.get_by_role("button", name="Labels").click()
        dialog = page.get_by_role("dialog", name="Labels 27 executions?")
        await dialog.get_by_label("Key of label 1").fill("batch")
        await dialog.get_by_label("Value of label 1").fill("night")
        await tab.button("Confirm").click()
        await expect(page.get_by_text("27 executions labelled.", exact=True)).to_be_visible()

        async def labelled() -> bool:
            return {"key": "batch", "value": "night"} in (await api.get(ids[0]))["labels"]

        await within(15, labelled)
        await page.get_by_label(f"Choose {ids[-1]}").check()
        await bar.get_by_role("button", name="Replay").click()
        await tab.button("Confirm").click()
        await expect(page.get_by_text("1 execution replayed.", exact=True)).to_be_visible()
        await expect(page.get_by_text("1\u201325 of 28")).to_be_visible()
