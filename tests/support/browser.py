"""A browser for the tests of the page. Its tabs record console messages and the targets of requests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from tests.support.system import System

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


@pytest.fixture
async def browser(built_page: None) -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium, or name one in TOCCATA_TEST_CHROMIUM")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


class Tab:
    """One tab, with its console messages and the targets of its requests."""

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

    async def enter(self, path: str = "/ui/main/flows") -> None:
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
        """Search for words, because the flows of other tests fill more than one page."""
        await self.page.get_by_role("searchbox").fill(words)
        await self.page.keyboard.press("Enter")

    def button(self, name: str):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str):
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str):
        return self.page.get_by_role("heading", name=name, exact=True)

    def state(self):
        """Return the execution's state, beside its name."""
        return self.page.locator(".badge")

    def task(self, name: str):
        """Return the row of this task run."""
        return self.page.get_by_role("table", name="Task runs").get_by_role("row").filter(has_text=name)

    def log(self):
        return self.page.get_by_role("log")

    def _hear(self, message) -> None:
        # Chromium reports every answer of 400 and more, which tests cause on purpose.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    async def confirm(self, name: str) -> None:
        """Press the button, and confirm."""
        await self.button(name).click()
        await self.button("Confirm").click()


@contextlib.asynccontextmanager
async def opened_tab(browser: Browser, system: System, **options: Any) -> AsyncIterator[Tab]:
    """``options`` are those of the browser's context: its size, its zone. At the end the tab had no error and no foreign request."""
    expect.set_options(timeout=PATIENCE_MS)
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    opened = Tab(await context.new_page(), system)
    yield opened
    await context.close()
    assert opened.faults == [], opened.faults
    foreign = [
        url for url in opened.addresses if not url.startswith((f"{system.url}/ui", f"{system.url}/api/"))
    ]
    assert foreign == [f"{system.url}/"] * len(foreign)


@pytest.fixture
async def tab(browser: Browser, system: System) -> AsyncIterator[Tab]:
    async with opened_tab(browser, system) as opened:
        yield opened
