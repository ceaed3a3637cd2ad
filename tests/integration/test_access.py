"""Sign-ins, sessions and tokens over real webs: they end on every replica, outlive a restart, and guessing is slow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import httpx
import pytest

from contracts.access import TokenCreated
from contracts.codec import encode
from services.web.core.access.claim import digest_of
from tests.support.api import API
from tests.support.system import System, within
from toccata.runtime.clock import now_ms
from toccata.runtime.kafka import Producer, Record

pytestmark = [pytest.mark.processes, pytest.mark.servers]

FLOW = "id: f{}\nnamespace: access\ntasks:\n  - {{id: t, type: io.kestra.plugin.core.log.Log, message: x}}\n"
YAML = {"content-type": "application/x-yaml"}
SEARCH = f"{API}/flows/search"


def browser(url: str, **cookies: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60)


async def signed_in(client: httpx.AsyncClient, system: System) -> str:
    """Sign in. Gives the session's cookie; the client sends the session's mark from now on."""
    pair = dict(zip(("username", "password"), system.auth, strict=True))
    answer = await client.post("/api/v1/login", json=pair)
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf-token"] = answer.cookies["XSRF-TOKEN"]
    return answer.cookies["toccata_session"]


async def status(url: str, **headers: str) -> int:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        return (await client.get(SEARCH, headers=headers)).status_code


async def second_web(system: System) -> str:
    """Start another replica. Gives its address."""
    replica = system.add("web")
    await system.start(replica.name)
    return f"http://127.0.0.1:{replica.environment['TOCCATA_WEB_PORT']}"


async def a_token(system: System, **wanted: object) -> dict[str, str]:
    async with system.client() as client:
        answer = await client.post(f"{API}/x/tokens", json={"name": f"t{token_hex(6)}", **wanted})
        assert answer.status_code == 200, answer.text
        made: dict[str, str] = answer.json()
        return made


@asynccontextmanager
async def bearer(url: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        yield client


async def test_a_session_counts_on_every_replica_until_its_logout(own_system: System) -> None:
    system = own_system
    other = await second_web(system)
    async with browser(system.url) as here:
        secret = await signed_in(here, system)
        cookie = {"cookie": f"toccata_session={secret}"}
        assert await status(other, **cookie) == 200, "at once: the other replica reads up to the end first"
        assert (await here.post("/api/v1/logout")).status_code == 200

        async def is_refused() -> bool:
            return await status(other, **cookie) == 401

        await within(30, is_refused)
        assert await status(system.url, **cookie) == 401
        await system.restart("web", kill=True)
        assert await status(system.url, **cookie) == 401, "a stolen cookie does not come back"


async def test_a_session_and_a_token_outlive_a_restart_of_web(own_system: System) -> None:
    system = own_system
    token = (await a_token(system))["token"]
    async with browser(system.url) as here:
        await signed_in(here, system)
        await system.restart("web", kill=True)
        assert (await here.get(SEARCH)).status_code == 200
        made = await here.post(f"{API}/flows", content=FLOW.format(1), headers=YAML)
        assert made.status_code == 200, "the mark against cross-site requests outlives it, too"
    assert await status(system.url, authorization=f"Bearer {token}") == 200


async def test_a_new_password_ends_sessions_but_not_tokens(own_system: System) -> None:
    system = own_system
    token = (await a_token(system))["token"]
    async with browser(system.url) as here:
        secret = await signed_in(here, system)
        changed = system.add("web", TOCCATA_AUTH_PASSWORD="Quite-Another-77")
        await system.start(changed.name)
        url = f"http://127.0.0.1:{changed.environment['TOCCATA_WEB_PORT']}"
        assert await status(url, cookie=f"toccata_session={secret}") == 401
        assert await status(url, authorization=f"Bearer {token}") == 200


async def test_a_new_sign_in_ends_the_one_before_it(system: System) -> None:
    async with browser(system.url) as here:
        first = await signed_in(here, system)
        second = await signed_in(here, system)
        assert first != second
    assert await status(system.url, cookie=f"toccata_session={first}") == 401
    assert await status(system.url, cookie=f"toccata_session={second}") == 200


async def test_a_logout_of_another_site_changes_nothing(system: System) -> None:
    async with browser(system.url) as here:
        secret = await signed_in(here, system)
        del here.headers["x-csrf-token"]
        assert (await here.post("/api/v1/logout")).status_code == 403
    assert await status(system.url, cookie=f"toccata_session={secret}") == 200


async def test_a_cookie_is_for_this_site_alone_and_hidden_from_scripts(system: System) -> None:
    async with browser(system.url) as here:
        pair = dict(zip(("username", "password"), system.auth, strict=True))
        answer = await here.post("/api/v1/login", json=pair)
    (session,) = [
        line for line in answer.headers.get_list("set-cookie") if line.startswith("toccata_session=")
    ]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(session.split("; "))
    assert system.auth[1] not in str(answer.headers)


@pytest.mark.timeout(400)
async def test_two_thousand_wrong_sign_ins_are_slowed_and_lock_nobody_out(own_system: System) -> None:
    system = own_system
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with (
        browser(system.url) as attacker,
        browser(system.url) as person,
        httpx.AsyncClient(base_url=system.url, transport=elsewhere, auth=system.auth, timeout=60) as owner,
    ):
        await signed_in(person, system)

        async def guess(number: int) -> httpx.Response:
            if number % 2:
                pair = {"username": system.auth[0], "password": f"Guess-{number}"}
                return await attacker.post("/api/v1/login", json=pair)
            return await attacker.get(SEARCH, auth=(system.auth[0], f"Guess-{number}"))

        answers: list[httpx.Response] = []
        for block in range(0, 2_000, 50):
            answers += await asyncio.gather(*(guess(number) for number in range(block, block + 50)))
        counts = Counter(answer.status_code for answer in answers)
        assert counts.keys() == {401, 429}
        assert counts[401] < 40, counts
        slowed = [answer for answer in answers if answer.status_code == 429]
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in slowed)
        assert (await owner.get(SEARCH)).status_code == 200, "the right password from elsewhere"
        assert (await person.get(SEARCH)).status_code == 200, "whoever is signed in stays so"
        page = (await person.get("/prometheus")).text
    assert f'toccata_access_events_total{{event="sign_in_slowed"}} {float(counts[429])}' in page
    lines = system.replicas["web"].log_path.read_text()
    assert lines.count("sign_in_refused") == counts[401]
    assert lines.count("sign_in_slowed") <= counts[401] + 1
    assert "Guess-" not in lines
    assert system.auth[1] not in lines


async def test_a_token_reads_and_writes_until_it_is_revoked(system: System) -> None:
    made = await a_token(system, expiresInDays=1)
    async with bearer(system.url, made["token"]) as program:
        assert (await program.get(SEARCH)).status_code == 200
        created = await program.post(f"{API}/flows", content=FLOW.format(token_hex(4)), headers=YAML)
        assert created.status_code == 200, created.text
        assert (await program.post(f"{API}/x/tokens", json={"name": "more"})).status_code == 403
        assert (await program.delete(f"{API}/x/tokens/{made['id']}")).status_code == 403
        async with system.client() as owner:
            listed = (await owner.get(f"{API}/x/tokens")).json()["results"]
            (mine,) = [each for each in listed if each["id"] == made["id"]]
            assert "token" not in mine
            assert (await owner.delete(f"{API}/x/tokens/{made['id']}")).status_code == 204
            assert (await owner.delete(f"{API}/x/tokens/{made['id']}")).status_code == 404
        assert (await program.get(SEARCH)).status_code == 401


async def test_a_read_only_token_changes_nothing(system: System) -> None:
    made = await a_token(system, scope="read")
    async with bearer(system.url, made["token"]) as program:
        assert (await program.get(SEARCH)).status_code == 200
        source = FLOW.format(token_hex(4))
        checked = await program.post(f"{API}/flows/validate", content=source, headers=YAML)
        assert checked.status_code == 200
        for method, path in (
            ("POST", "flows"),
            ("POST", "executions/access/f1"),
            ("POST", "executions/trigger/access/validate"),
            ("DELETE", "flows/access/f1"),
            ("PUT", "triggers"),
        ):
            refused = await program.request(method, f"{API}/{path}", content=source, headers=YAML)
            assert refused.status_code == 403, (method, path, refused.text)
            assert "only read" in refused.json()["detail"]


async def test_an_expired_token_is_refused(system: System) -> None:
    secret = f"toccata_{token_hex(16)}"
    expired = TokenCreated(
        id=token_hex(8),
        name=f"old{token_hex(4)}",
        user=system.auth[0],
        digest=digest_of(secret),
        scope="full",
        at=now_ms() - 86_400_000,
        until=now_ms() - 1,
    )
    producer = Producer(system.kafka, "test")
    try:
        await producer.send("access.state", [Record(expired.key.encode(), encode(expired))])
    finally:
        await producer.stop()
    assert await status(system.url, authorization=f"Bearer {secret}") == 401
    async with system.client() as owner:
        listed = (await owner.get(f"{API}/x/tokens")).json()["results"]
    assert [each["expired"] for each in listed if each["id"] == expired.id] == [True]


async def test_two_tokens_have_two_names_and_wrong_wishes_are_refused(system: System) -> None:
    made = await a_token(system)
    async with system.client() as owner:
        again = await owner.post(f"{API}/x/tokens", json={"name": made["name"]})
        assert again.status_code == 409
        for wish in ({}, {"name": ""}, {"name": "x", "scope": "root"}, {"name": "x", "expiresInDays": 0}):
            assert (await owner.post(f"{API}/x/tokens", json=wish)).status_code == 422, wish


async def test_the_topic_holds_no_secret(system: System) -> None:
    made = await a_token(system)
    async with browser(system.url) as here:
        secret = await signed_in(here, system)
        mark = here.headers["x-csrf-token"]
    from toccata.runtime.fetch import Reader

    reader = Reader(system.kafka, "test-access")
    try:
        await reader.assign({("access.state", 0): "earliest"})
        (end,) = (await reader.end_offsets([("access.state", 0)])).values()
        content = b""
        async with asyncio.timeout(30):
            while reader.position("access.state", 0) < end:
                for record in (await reader.poll()).get(("access.state", 0), []):
                    content += (record.key or b"") + (record.value or b"")
    finally:
        await reader.stop()
    assert digest_of(secret).encode() in content
    for hidden in (secret, mark, made["token"], system.auth[1]):
        assert hidden.encode() not in content
