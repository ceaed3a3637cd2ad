"""What web refuses, and how it says so: bad requests, strangers, and what is too large."""

from __future__ import annotations

from base64 import b64encode

import httpx
import pytest

from tests.support.web_alone import (
    API,
    AUTH,
    LIMIT,
    Web,
)

pytestmark = [pytest.mark.servers, pytest.mark.anyio]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", f"{API}/flows", {"content": "id: [x"}, 422),
        ("POST", f"{API}/flows", {"content": b"\xff\xfe"}, 422),
        ("POST", f"{API}/flows", {"content": "x" * (LIMIT + 1)}, 413),
        ("POST", f"{API}/flows/import", {}, 400),
        ("POST", f"{API}/executions/company/hello", {"files": {"count": (None, "many")}}, 422),
        ("POST", f"{API}/executions/company/hello?labels=system.x:y", {}, 422),
        ("POST", f"{API}/executions/company/hello", {"json": {"count": 1}}, 415),
        ("POST", f"{API}/executions/company/nobody", {}, 404),
        ("POST", f"{API}/executions/webhook/company/hello/opens", {"content": "x" * (LIMIT + 1)}, 413),
        ("GET", f"{API}/executions/search?filters[bogus][EQUALS]=x", {}, 422),
        ("GET", f"{API}/executions/search?filters[state][LIKES]=x", {}, 422),
        ("GET", f"{API}/executions/search?sort=bogus:asc", {}, 422),
        ("GET", f"{API}/executions/search?size=-1", {}, 422),
        ("DELETE", f"{API}/executions/kill/by-ids", {"content": "{nope"}, 422),
        ("DELETE", f"{API}/executions/kill/by-ids", {"content": "[]"}, 400),
        ("PUT", f"{API}/triggers/set-disabled", {"json": {"namespace": "company"}}, 422),
        ("GET", "/api/v1/other/flows/search", {}, 400),
        ("GET", f"{API}/nothing/here", {}, 404),
    ],
)
async def test_bad_requests_get_an_error_and_the_next_good_one_runs(web: Web, method, path, options, status):
    await web.create()
    response = await web.call(method, path, **options)
    assert response.status_code == status, response.text
    body = response.json()
    assert body["status"] == status
    assert body["message"] == body["detail"]
    assert (await web.execute())["state"]["current"] in {"CREATED", "RUNNING"}


async def test_nobody_enters_without_credentials(web: Web):
    for auth in (None, (AUTH[0], "wrong")):
        refused = await web.call("GET", f"{API}/flows/search", auth=auth)
        assert (refused.status_code, refused.content) == (401, b"")
        assert refused.headers["www-authenticate"].startswith("Basic")
    from_login = {"Referer": "http://toccata/ui/login"}
    assert (
        "www-authenticate"
        not in (await web.call("GET", f"{API}/flows/search", auth=None, headers=from_login)).headers
    )
    assert (await web.call("GET", "/ping", auth=None)).text == "pong"


async def test_a_cookie_writes_only_with_the_token_of_its_session(web: Web):
    assert (
        await web.call("POST", "/api/v1/login", json={"username": AUTH[0], "password": "no"})
    ).status_code == 401
    signed = await web.call(
        "POST", "/api/v1/login", json=dict(zip(("username", "password"), AUTH, strict=True)), auth=None
    )
    assert signed.status_code == 200
    session = signed.cookies["toccata_session"]
    assert AUTH[1] not in session
    assert b64encode(":".join(AUTH).encode()).decode() not in session
    web.client.auth = httpx.Auth()
    assert (await web.call("GET", f"{API}/flows/search")).status_code == 200
    assert (await web.create()).status_code == 403
    web.client.headers["X-CSRF-TOKEN"] = signed.cookies["XSRF-TOKEN"]
    assert (await web.create()).status_code == 200


async def test_when_the_projection_is_far_behind_no_execution_is_started(web: Web, monkeypatch):
    await web.create()
    with monkeypatch.context() as patch:
        patch.setattr(web.parts.starts._lag, "_limit", -1)
        refused = await web.call("POST", f"{API}/executions/company/hello")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
    assert (await web.call("POST", f"{API}/executions/company/hello")).status_code == 200


async def test_an_input_over_the_limit_gets_an_error_with_the_limit(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.http.body.MAX_FIELD_BYTES", 1000)
    await web.create()
    refused = await web.call("POST", f"{API}/executions/company/hello", files={"count": (None, "1" * 2000)})
    assert refused.status_code == 413
    assert "limit of 1000 bytes" in refused.json()["message"]


async def test_a_multipart_body_that_cannot_be_read_says_why(web: Web):
    await web.create()
    refused = await web.call(
        "POST",
        f"{API}/executions/company/hello",
        content=b"--x\r\nnonsense",
        headers={"Content-Type": "multipart/form-data"},
    )
    assert refused.status_code == 400
    assert "boundary" in refused.json()["message"]


async def test_an_unknown_execution_is_not_found(web: Web, monkeypatch):
    monkeypatch.setattr("services.web.shell.executions.REACTION_SECONDS", 0.2)
    assert (await web.call("GET", f"{API}/executions/nobody")).status_code == 404
    assert (await web.call("GET", f"{API}/executions/nobody/follow")).status_code == 404
    assert (await web.call("DELETE", f"{API}/executions/nobody/actions/kill")).status_code == 404
