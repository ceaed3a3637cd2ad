"""The page's Content-Security-Policy in a browser: what it must refuse, and the rich editor that must work under it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Error, Route, expect

from services.web.http.policy import content_security_policy
from tests.support.browser import Tab
from tests.support.system import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

WORKER = "self.postMessage('works');"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundle the editor of `ui/tests/editor`."""
    out = tmp_path_factory.mktemp("editor")
    build = [str(ROOT / ".ci" / "ui"), "npm", sys.executable, "exec", "--", "vite", "build"]
    options = ["--config", "tests/editor/vite.config.ts", "--outDir", str(out), "--logLevel", "error"]
    built = subprocess.run([*build, *options], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return out / "editor.js"


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


async def test_an_inline_script_is_blocked(tab: Tab):
    await _with_markup(tab, "<script>window.ran = 1</script>")
    assert await tab.page.evaluate("window.ran === undefined")
    assert any("inline script" in fault for fault in tab.faults)
    tab.faults.clear()


async def test_a_style_without_the_nonce_is_blocked(tab: Tab):
    await _with_markup(tab, "<style>main { display: none }</style><p style='display: none'>text</p>")
    assert await tab.page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
    assert sum("inline style" in fault for fault in tab.faults) == 2
    tab.faults.clear()


async def test_a_code_editor_lives_under_the_policy(tab: Tab, editor: Path):
    page = tab.page
    await page.route("**/ui/assets/editor.js", lambda route: _fulfill(route, editor.read_text()))
    await tab.enter()
    await page.evaluate(
        "async () => { window.editor = (await import('/ui/assets/editor.js')).mountEditor(document.querySelector('main')); }"
    )
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("tasks: []")
    await expect(page.locator(".cm-content")).to_contain_text("tasks: []")
    # Its style elements are active. Without them the lines have another font, and errors have no mark.
    assert await page.evaluate("getComputedStyle(document.querySelector('.cm-editor')).display") == "flex"
    await expect(page.locator(".cm-lintRange-error")).to_be_visible()
    mark = "getComputedStyle(document.querySelector('.cm-lintRange-error')).backgroundImage"
    assert (await page.evaluate(mark)).startswith('url("data:image/svg+xml')
    assert tab.faults == []


async def test_a_worker_of_the_page_runs_and_a_foreign_one_does_not(tab: Tab, editor: Path):
    page = tab.page
    await page.route("**/ui/assets/editor.js", lambda route: _fulfill(route, editor.read_text()))
    await page.route("**/ui/assets/worker.js", lambda route: _fulfill(route, WORKER))
    await tab.enter()
    ask = "address => import('/ui/assets/editor.js').then(editor => editor.askWorker(address))"
    assert await page.evaluate(ask, "/ui/assets/worker.js") == "works"
    await page.reload()
    with pytest.raises(Error, match="no file of this page"):
        await page.evaluate(ask, "/api/v1/main/flows")
    with pytest.raises(Error, match="TrustedScriptURL"):
        await page.evaluate("() => { new Worker('/ui/assets/worker.js'); }")
    assert all("TrustedScriptURL" in fault for fault in tab.faults)
    tab.faults.clear()


async def _with_markup(tab: Tab, markup: str) -> None:
    """Serve the page under its own headers, with this markup in it."""

    async def add(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(
            response=answer, body=(await answer.text()).replace("</body>", f"{markup}</body>")
        )

    await tab.page.route("**/ui/", add)
    await tab.open("/ui/")
    await expect(tab.heading("Sign in")).to_be_visible()


async def _fulfill(route: Route, script: str) -> None:
    headers = {"Content-Security-Policy": content_security_policy(None)}
    await route.fulfill(body=script, content_type="text/javascript", headers=headers)
