"""The page at ``/ui`` as it is served: which files, under which headers, and what is said while it is not built."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.web.core.problem import Problem
from services.web.http.answer import on_error
from services.web.http.ui import ui_router

pytestmark = pytest.mark.anyio
PAGE = '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/ui/assets/a-1.js"></script>'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assets = tmp_path / "built" / "assets"
    (assets / "deep").mkdir(parents=True)
    (tmp_path / "built" / "index.html").write_text(PAGE)
    (assets / "a-1.js").write_text("1;")
    (assets / "deep" / "b-2.css").write_text("a{}")
    (assets / "secret.pem").write_text("key")
    (tmp_path / "outside.js").write_text("no")
    return tmp_path


@pytest.fixture
async def client(home: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(ui_router(home))
    app.add_exception_handler(Problem, on_error)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as asking:
        yield asking


async def test_every_request_gets_a_nonce_of_its_own_in_page_and_policy(client):
    seen = set()
    for _ in range(2):
        answer = await client.get("/ui/main/flows")
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.text))
        assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers["content-security-policy"]
        seen.add(nonce)
    assert len(seen) == 2


async def test_the_page_is_never_kept_and_its_hashed_files_are_kept_for_ever(client):
    page, asset = await client.get("/ui/"), await client.get("/ui/assets/a-1.js")
    assert page.headers["cache-control"] == "no-cache"
    assert "etag" not in page.headers
    assert "immutable" in asset.headers["cache-control"]
    again = await client.get("/ui/assets/a-1.js", headers={"if-none-match": asset.headers["etag"]})
    assert again.status_code == 304


async def test_files_in_folders_below_assets_are_served(client):
    answer = await client.get("/ui/assets/deep/b-2.css")
    assert (answer.text, answer.headers["content-type"]) == ("a{}", "text/css; charset=utf-8")


@pytest.mark.parametrize(
    "name",
    ["none.js", "secret.pem", "deep", "..%2findex.html", "%2e%2e/%2e%2e/outside.js", "deep/%2e%2e/a-1.js"],
)
async def test_no_address_leads_to_a_file_that_is_not_of_the_page(client, name):
    assert (await client.get(f"/ui/assets/{name}")).status_code == 404


async def test_a_page_that_is_missing_says_why_and_what_to_do(client, home):
    (home / "built" / "index.html").unlink()
    (home / "not-built.txt").write_text("there is no <Node> here. Run: make ui\n")
    answer = await client.get("/ui/main/flows")
    assert answer.status_code == 503
    assert "there is no &lt;Node&gt; here. Run: make ui" in answer.text


async def test_a_page_that_was_never_built_says_how_to_build_it(client, home):
    (home / "built" / "index.html").unlink()
    assert "Run: make ui" in (await client.get("/ui/")).text


async def test_a_page_that_is_built_after_the_start_is_found_without_a_restart(client, home):
    (home / "built" / "index.html").rename(home / "later.html")
    assert (await client.get("/ui/")).status_code == 503
    (home / "later.html").rename(home / "built" / "index.html")
    assert (await client.get("/ui/")).status_code == 200


async def test_a_page_whose_files_are_missing_is_not_served(client, home):
    (home / "built" / "assets").rename(home / "elsewhere")
    assert (await client.get("/ui/")).status_code == 503


async def test_files_of_the_page_that_is_open_are_served_while_the_next_one_is_built(client, home):
    assert (await client.get("/ui/")).status_code == 200
    (home / "built" / "assets" / "a-1.js").unlink()
    assert (await client.get("/ui/assets/a-1.js")).text == "1;"


async def test_a_link_without_tenant_leads_to_the_page_with_it(client):
    answer = await client.get("/ui/executions?state=FAILED")
    assert (answer.status_code, answer.headers["location"]) == (307, "/ui/main/executions?state=FAILED")
