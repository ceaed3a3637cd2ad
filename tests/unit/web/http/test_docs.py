"""The documentation over HTTP: from a folder that was built, and without one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.web.core.auth import is_open
from services.web.http.docs import NOT_BUILT, docs_router


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "language").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Start</h1>")
    (folder / "language" / "index.html").write_text("<h1>Language</h1>")
    (folder / "search.json").write_text("{}")
    (folder / "notes.py").write_text("not for readers")
    (tmp_path / "secret.html").write_text("outside")
    return folder


def asking(folder: Path) -> httpx.AsyncClient:
    app = FastAPI(redirect_slashes=False, docs_url=None)
    app.include_router(docs_router(folder))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toccata")


@pytest.mark.anyio
async def test_pages_are_served_under_a_policy_that_lets_nothing_in_from_elsewhere(site: Path) -> None:
    async with asking(site) as client:
        page = await client.get("/docs/language/")
        assert (page.status_code, page.text) == (200, "<h1>Language</h1>")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert (await client.get("/docs/search.json")).headers["content-type"] == "application/json"


@pytest.mark.anyio
async def test_a_folder_without_its_slash_leads_to_the_one_with_it(site: Path) -> None:
    async with asking(site) as client:
        for asked, leads in (("/docs", "/docs/"), ("/docs/language", "/docs/language/")):
            answer = await client.get(asked)
            assert (answer.status_code, answer.headers["location"]) == (307, leads)


@pytest.mark.anyio
async def test_what_was_read_before_and_did_not_change_is_not_sent_again(site: Path) -> None:
    async with asking(site) as client:
        tag = (await client.get("/docs/")).headers["etag"]
        again = await client.get("/docs/", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["../secret.html", "%2e%2e/secret.html", "..%2fsecret.html", "notes.py", "no/", "language//"]
)
async def test_nothing_but_the_files_of_the_site_is_found(site: Path, path: str) -> None:
    async with asking(site) as client:
        answer = await client.get(f"/docs/{path}")
        assert answer.status_code == 404
        assert "outside" not in answer.text


@pytest.mark.anyio
async def test_a_page_that_does_not_exist_leads_to_the_beginning(site: Path) -> None:
    async with asking(site) as client:
        answer = await client.get("/docs/nothing/")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert '<a href="/docs/">' in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.anyio
async def test_where_it_was_not_built_the_answer_says_how(tmp_path: Path) -> None:
    async with asking(tmp_path / "nowhere") as client:
        answer = await client.get("/docs/")
        assert (answer.status_code, answer.text) == (404, NOT_BUILT)


@pytest.mark.anyio
async def test_documentation_that_is_built_after_the_start_is_found_without_a_restart(
    site: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    async with asking(later) as client:
        assert (await client.get("/docs/")).status_code == 404
        await asyncio.to_thread(site.rename, later)
        assert (await client.get("/docs/")).text == "<h1>Start</h1>"


@pytest.mark.anyio
async def test_a_page_that_a_newer_build_took_away_is_not_found_rather_than_an_error(site: Path) -> None:
    async with asking(site) as client:
        assert (await client.get("/docs/")).status_code == 200
        (site / "language" / "index.html").unlink()
        assert (await client.get("/docs/language/")).status_code == 404


def test_no_sign_in_is_needed_for_the_documentation_and_for_nothing_that_only_begins_alike() -> None:
    assert is_open("/docs")
    assert is_open("/docs/language/")
    assert not is_open("/docsify")
