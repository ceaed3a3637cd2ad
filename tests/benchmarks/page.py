"""``python -m tests.benchmarks.page`` prints what the page does with very large answers, as the table of ``ui/README.md``: bytes that
it asked for, elements that it keeps, its memory, and how long it did not react. The built page runs in Chromium, without a system."""

from __future__ import annotations

import asyncio
import mimetypes
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Page, Route, async_playwright, expect

from tests.benchmarks.page_data import EXECUTION, LINES, RUNS, TASKS, answer_to
from tests.support.browser import ARGUMENTS, CHROMIUM
from tests.support.system import ROOT

BUILT = ROOT / "services" / "web" / "ui" / "built"
ORIGIN = "http://localhost:9"
RUN = f"executions/large/flow/{EXECUTION['id']}"
WATCH = """window.longest = 0; window.long = 0;
new PerformanceObserver(list => { for (const each of list.getEntries()) {
  window.longest = Math.max(window.longest, each.duration); window.long += 1; } }).observe({type: "longtask"});"""
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Case:
    what: str
    place: str
    ready: str
    """Selects what is there once the page has drawn."""


CASES = (
    Case("list of 2,000 flows", "flows", "tbody tr:nth-child(50)"),
    Case(f"trace of {RUNS:,} task runs", f"{RUN}/trace", ".trace tbody tr:nth-child(200)"),
    Case(f"log of {LINES:,} lines", f"{RUN}/logs", f"text=line {LINES - 1} of many"),
    Case(f"graph of {TASKS} tasks", "flows/edit/large/flow/topology", ".react-flow__node"),
)


class Served:
    def __init__(self) -> None:
        self.bytes = 0

    async def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/api/"):
            body, form = answer_to(path)
            await route.fulfill(body=body, content_type=form)
            return
        file = BUILT / path.removeprefix("/ui/")
        content = (file if file.is_file() else BUILT / "index.html").read_bytes()
        self.bytes += len(content)
        kind = mimetypes.guess_type(path)[0] if file.is_file() else "text/html"
        await route.fulfill(body=content, content_type=kind or "application/octet-stream")


async def measure(page: Page, case: Case) -> list[str]:
    served = Served()
    await page.context.add_cookies([{"name": "XSRF-TOKEN", "value": "any", "url": ORIGIN}])
    await page.route("**/*", served.answer)
    await page.add_init_script(WATCH)
    await page.goto(f"{ORIGIN}/ui/main/{case.place}")
    await expect(page.locator(case.ready).first).to_be_visible(timeout=PATIENCE_MS)
    elements = await page.evaluate("document.querySelectorAll('*').length")
    memory = await page.evaluate("performance.memory.usedJSHeapSize")
    long, longest = await page.evaluate("[window.long, Math.round(window.longest)]")
    return [
        case.what,
        f"{served.bytes / 1000:.0f} KB",
        str(elements),
        f"{memory / 1e6:.0f} MB",
        str(long),
        f"{longest} ms",
    ]


async def main() -> int:
    if not (BUILT / "index.html").is_file():
        print("The page is not built. Run: make ui", file=sys.stderr)
        return 1
    print("| what | files asked for | elements | memory | long tasks | longest |\n|---|---|---|---|---|---|")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for case in CASES:
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            print(f"| {' | '.join(await measure(page, case))} |", flush=True)
            await page.close()
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
