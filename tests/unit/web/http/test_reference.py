"""The API's document and its page: files like those of the documentation."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from services.web.core.problem import Problem
from services.web.http.answer import on_error
from services.web.http.policy import READING_POLICY
from services.web.http.reference import PAGE, router
from services.web.reference.files import _viewer as kept

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client():
    app = FastAPI(openapi_url=None, docs_url=None, redirect_slashes=False)
    app.include_router(router)
    app.add_exception_handler(Problem, on_error)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as asking:
        yield asking


@pytest.mark.parametrize(
    ("address", "media_type"),
    [
        ("/api/v1/openapi.json", "application/json"),
        (PAGE, "text/html; charset=utf-8"),
        (f"{PAGE}/start.js", "text/javascript; charset=utf-8"),
        (f"{PAGE}/swagger-ui.css", "text/css; charset=utf-8"),
    ],
)
async def test_each_file_has_its_type_its_policy_and_a_tag_that_spares_sending_it_again(
    client, address, media_type
):
    first = await client.get(address)
    assert (first.status_code, first.headers["content-type"]) == (200, media_type)
    assert first.headers["content-security-policy"] == READING_POLICY
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_no_address_leads_to_another_file(client):
    for name in ("files.py", "__init__.py", "..%2fopenapi.json", "none.js"):
        assert (await client.get(f"{PAGE}/{name}")).status_code == 404


async def test_names_that_are_not_there_are_not_remembered(client):
    """Anybody may ask, and each name stayed in memory for ever."""
    for number in range(50):
        assert (await client.get(f"{PAGE}/unknown-{number}")).status_code == 404
    assert kept.cache_info().currsize <= 4
