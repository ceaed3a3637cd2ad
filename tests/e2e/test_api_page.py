"""The API's document is valid, and a real browser shows its page without loading anything from elsewhere."""

from __future__ import annotations

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.async_api import Browser, expect

from tests.support.api import anonymous
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]


async def document(client: httpx.AsyncClient) -> dict[str, object]:
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_the_document_is_valid_openapi(system: System) -> None:
    async with anonymous(system) as client:
        found = await document(client)
    assert str(found["openapi"]).startswith("3.1")
    OpenAPIV31SpecValidator(found).validate()


@pytest.mark.parametrize(
    "path", ["/swagger", "/swagger-ui", "/api", "/api/", "/api/docs", "/api/v1", "/api/v1/docs/"]
)
async def test_wherever_people_look_for_the_api_they_find_its_page(system: System, path: str) -> None:
    async with anonymous(system) as client:
        answer = await client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.path == "/api/v1/docs"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


async def test_the_page_shows_operations_and_tries_one_without_anything_from_elsewhere(
    system: System, browser: Browser
) -> None:
    username, password = system.auth
    context = await browser.new_context(http_credentials={"username": username, "password": password})
    page = await context.new_page()
    faults: list[str] = []
    addresses: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: addresses.append(request.url))
    await page.goto(f"{system.url}/swagger")
    await expect(page.get_by_text("Search executions", exact=True)).to_be_visible(timeout=20_000)
    await page.get_by_role("button", name="GET /api/v1/configs Configuration").click()
    await page.get_by_role("button", name="Try it out", exact=True).click()
    await page.get_by_role("button", name="Execute", exact=True).click()
    await expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text(
        "200"
    )
    assert faults == []
    assert all(address.startswith((system.url, "data:")) for address in addresses)
    await context.close()
