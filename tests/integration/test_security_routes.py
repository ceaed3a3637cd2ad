"""Every route of web against every kind of caller that it must refuse. The routes come from the application itself, so a new
route is covered from its first day. Whoever opens one to everybody must name it here, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from services.web.core.auth import reads
from services.web.core.door import SAFE
from services.web.http.app import ROUTERS
from services.web.http.docs import docs_router
from services.web.http.ui import ui_router
from tests.support.api import API, anonymous
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]

OPEN = {
    "/": "leads to the page",
    "/api": "leads to the API's page",
    "/api/": "leads to the API's page",
    "/api/docs": "leads to the API's page",
    "/api/v1": "leads to the API's page",
    "/api/v1/": "leads to the API's page",
    "/api/v1/configs": "clients read it before they sign in; it names versions, and nothing of flows",
    "/api/v1/configs/login": "the sign-in page asks whether there is a sign-in",
    "/api/v1/docs": "the API's page: static files",
    "/api/v1/docs/": "leads to the API's page",
    "/api/v1/docs/{name}": "the API's page: static files",
    "/api/v1/login": "the sign-in itself",
    "/api/v1/openapi.json": "the API's document: a static file",
    "/docs": "the documentation: static files",
    "/docs/{path:path}": "the documentation: static files",
    "/health": "load balancers have no sign-in; it names servers, and nothing of flows",
    "/health/live": "the same",
    "/health/liveness": "the same",
    "/health/readiness": "the same",
    "/health/ready": "the same",
    "/ping": "the same",
    "/swagger": "leads to the API's page",
    "/swagger-ui": "leads to the API's page",
    "/ui": "the page, on which people sign in: static files",
    "/ui/assets/{name:path}": "the page: static files",
    "/ui/{path:path}": "the page: static files",
}
HOOK = f"{API}/executions/webhook/security/none/no-such-key"
HOOKS = [(method, HOOK + more) for method in ("GET", "POST", "PUT") for more in ("", "/more")]
"""Webhooks are open, too: the key in the address is the credential. No router has them."""
FOREIGN = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


HOOKS_BEGIN = f"{API}/executions/webhook/"
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def routes() -> Iterator[tuple[str, str]]:
    package = files("services.web")
    trees = (ui_router(package.joinpath("ui")), docs_router(package.joinpath("docs")))
    for router in (*ROUTERS, *trees):
        for route in router.routes:
            assert isinstance(route, APIRoute), f"cover {route} here"
            for method in route.methods or ():
                yield method, route.path


ROUTES = sorted(set(routes()))


def address(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


def test_the_list_of_open_routes_has_no_name_that_is_gone() -> None:
    assert set(OPEN) <= {path for _, path in ROUTES}
    assert len(ROUTES) > 100


async def test_only_the_named_routes_answer_without_a_sign_in(system: System) -> None:
    async with anonymous(system) as stranger:
        for method, path in ROUTES:
            answer = await stranger.request(method, address(path))
            if path in OPEN:
                assert answer.status_code not in {401, 403, 421}, (method, path)
            else:
                assert answer.status_code == 401, (method, path, answer.status_code)


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_a_wrong_password_opens_nothing(system: System, password: str) -> None:
    async with anonymous(system) as stranger:
        for method, path in ROUTES:
            if path not in OPEN:
                answer = await stranger.request(method, address(path), auth=(system.auth[0], password))
                # 429: the same wrong password so often is no longer looked at.
                assert answer.status_code in {401, 429}, (method, path, answer.status_code)


async def token_of(system: System, scope: str) -> tuple[str, str]:
    """Return the name and the text of a new token."""
    async with system.client() as owner:
        made = (
            await owner.post(f"{API}/x/tokens", json={"name": f"routes-{uuid4()}", "scope": scope})
        ).json()
    return made["id"], made["token"]


async def test_every_operation_of_the_document_is_among_the_routes_here(system: System) -> None:
    async with anonymous(system) as client:
        document = (await client.get(f"{API.removesuffix('/main')}/openapi.json")).json()
    named = {
        (method.upper(), re.sub(r"\{[^}]+\}", "x", path))
        for path, methods in document["paths"].items()
        for method in methods
        if method.upper() in METHODS
    }
    hooks = {each for each in named if each[1].startswith(HOOKS_BEGIN)}
    assert len(hooks) >= 3
    assert named - hooks <= {(method, address(path)) for method, path in ROUTES}


async def test_a_wrong_or_revoked_token_opens_nothing(system: System) -> None:
    number, revoked = await token_of(system, "full")
    async with system.client() as owner:
        assert (await owner.get(f"{API}/flows/search", headers=bearer(revoked))).status_code == 200
        assert (await owner.delete(f"{API}/x/tokens/{number}")).status_code < 300
    changed = revoked[:-1] + ("A" if revoked[-1] != "A" else "B")
    async with anonymous(system) as stranger:
        for wrong in (changed, revoked, "x"):
            for method, path in ROUTES:
                if path not in OPEN:
                    answer = await stranger.request(method, address(path), headers=bearer(wrong))
                    assert answer.status_code in {401, 429}, (method, path, answer.status_code)


async def test_a_read_only_token_opens_reading_routes_alone(system: System) -> None:
    _, token = await token_of(system, "read")
    async with anonymous(system) as program:
        for method, path in ROUTES:
            if path in OPEN:
                continue
            # The body of a live stream does not end.
            async with program.stream(method, address(path), headers=bearer(token)) as answer:
                refused = answer.status_code in {401, 403}
                assert refused is not reads(method, address(path)), (method, path, answer.status_code)


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
async def test_a_page_of_another_origin_changes_nothing_with_whatever_sign_in(
    system: System, foreign: dict[str, str]
) -> None:
    changing = [(method, address(path)) for method, path in ROUTES if method not in SAFE]
    assert len(changing) > 30
    _, token = await token_of(system, "full")
    async with anonymous(system) as page:
        for auth, more in ((system.auth, {}), (None, {}), (None, bearer(token))):
            for method, path in [*changing, *HOOKS]:
                answer = await page.request(method, path, headers={**foreign, **more}, auth=auth)
                assert answer.status_code == 403, (method, path, answer.status_code)


async def test_no_route_answers_for_another_host(system: System) -> None:
    async with anonymous(system) as rebound:
        for method, path in [*ROUTES, *HOOKS]:
            answer = await rebound.request(
                method, address(path), headers={"Host": "evil.example"}, auth=system.auth
            )
            assert answer.status_code == 421, (method, path, answer.status_code)
            assert "TOCCATA_WEB_ALLOWED_HOSTS" in answer.text


async def test_every_answer_has_the_security_headers_and_one_policy(system: System) -> None:
    strangers = [(method, address(path), None) for method, path in [*ROUTES, *HOOKS, ("GET", "/nothing")]]
    readers = [(method, path, system.auth) for method, path, _ in strangers if method == "GET"]
    async with anonymous(system) as client:
        for method, path, auth in [*strangers, *readers]:
            # The body of a live stream does not end.
            async with client.stream(method, path, auth=auth) as answer:
                headers = answer.headers
                assert headers["x-content-type-options"] == "nosniff", (method, path)
                assert headers["x-frame-options"] == "DENY"
                assert headers["cross-origin-opener-policy"] == "same-origin"
                assert headers["cross-origin-resource-policy"] == "same-origin"
                (policy,) = headers.get_list("content-security-policy")
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe-eval" not in policy
                assert "server" not in headers


async def test_the_pages_of_the_api_load_nothing_from_elsewhere(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.url, timeout=60, follow_redirects=True) as client:
        for path in ("/swagger", "/swagger-ui", "/api/docs", "/api/v1/docs"):
            page = await client.get(path)
            assert page.status_code == 200
            loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert loaded
            assert all(each.startswith(("/", "data:")) and not each.startswith("//") for each in loaded)
