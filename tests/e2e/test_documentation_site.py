"""The documentation in a real browser, under its Content-Security-Policy: pages, links and search, without a network."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Error, Page, async_playwright, expect

from services.web.http.docs import docs_router

pytestmark = pytest.mark.slow
expect.set_options(timeout=30_000)
CHROMIUM = os.environ.get("TOCCATA_TEST_CHROMIUM", "/usr/bin/chromium")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build strictly: a broken link or anchor fails every test here."""
    if importlib.util.find_spec("zensical") is None:
        pytest.skip("zensical is not installed: `make docs` installs it")
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "docs.generate", "--site", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


class Reader:
    """A page, and everything that went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(address) else self.problems.append(asked.url),
        )
        page.on("response", lambda answer: self.problems.append(answer.url) if answer.status >= 400 else None)


@pytest.fixture
async def reader(site: Path) -> AsyncIterator[Reader]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    app = FastAPI(docs_url=None, redirect_slashes=False)
    app.include_router(docs_router(site))
    # It already listens, so a client that connects before the server is up waits in the queue.
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(30_000)
        yield Reader(page, f"http://127.0.0.1:{listener.getsockname()[1]}")
        await browser.close()
    server.should_exit = True
    await serving


@pytest.mark.anyio
async def test_pages_lead_to_each_other_and_nothing_comes_from_elsewhere(reader: Reader) -> None:
    page = reader.page
    await page.goto(f"{reader.address}/docs")
    await expect(page.locator("h1")).to_contain_text("Toccata")
    await page.get_by_role("main").get_by_role("link", name="functions", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("Functions, filters and tests")
    await page.goto(f"{reader.address}/docs/language/tasks/#retry")
    await expect(page.locator("#retry")).to_be_in_viewport()
    assert reader.problems == []


@pytest.mark.anyio
async def test_names_of_settings_never_break_in_mid_word(reader: Reader) -> None:
    await reader.page.goto(f"{reader.address}/docs/reference/settings/")
    names = reader.page.locator("td:first-child code")
    assert await names.count() > 20
    broken = "nodes => nodes.filter(node => node.getClientRects().length > 1).map(node => node.textContent)"
    assert await names.evaluate_all(broken) == []
    assert reader.problems == []


@pytest.mark.anyio
async def test_the_search_finds_a_function(reader: Reader) -> None:
    page = reader.page
    await page.goto(f"{reader.address}/docs/")
    words = page.get_by_role("combobox", name="Search")
    async with asyncio.timeout(60):
        while not await words.is_visible():
            # The page may not listen for keys yet.
            await page.keyboard.press("Control+k")
            with suppress(Error):
                await words.wait_for(state="visible", timeout=3000)
    await words.fill("slugify")
    found = page.get_by_role("option").filter(has_text="Functions, filters and tests").first
    await expect(found).to_be_visible()
    await found.click()
    await expect(page).to_have_url(f"{reader.address}/docs/reference/expressions/?h=slugify#filter-slugify")
    assert reader.problems == []
