"""Attacks on webhooks: guessed keys, forged and repeated requests, and credentials that must be kept nowhere."""

from __future__ import annotations

import hmac
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx
import pytest

from contracts.topics import TOPICS
from services.web.core.write.guesses import GRID_SECONDS, WRONG_AT_ONCE
from tests.support.api import API, anonymous, signed_in
from tests.support.system import System, running_system
from toccata.runtime.fetch import Reader

pytestmark = [pytest.mark.processes, pytest.mark.servers]

KEY = "a-very-secret-key-1"
HOOKS = f"{API}/executions/webhook/guarded"
FLOW = """\
id: {id}
namespace: guarded
disabled: {disabled}
tasks:
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: hi}}
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {key}
    {more}
"""
NO_HOOK = """\
id: quiet
namespace: guarded
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""
PLANTED = "Planted-7hJ2kQ"
"""No topic and no table may have this text."""
SIGNING = "whsec-Planted-7hJ2kQ"


def flow(name: str, key: str = KEY, more: str = "", *, disabled: bool = False) -> str:
    return FLOW.format(id=name, key=key, more=more, disabled=str(disabled).lower())


@pytest.fixture(scope="module")
async def guarded(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """A system that takes few calls of one webhook, has a secret, and believes its proxy, which is the test."""
    secrets: Path = tmp_path_factory.mktemp("secrets")
    (secrets / "SENDER").write_text(SIGNING + "\n")
    settings = {
        "TOCCATA_WEB_WEBHOOK_SECRETS": str(secrets),
        "TOCCATA_WEB_WEBHOOK_RATE": "0.01",
        "TOCCATA_WEB_WEBHOOK_BURST": "10",
        "TOCCATA_WEB_TRUSTED_PROXIES": "127.0.0.1",
    }
    home = tmp_path_factory.mktemp("guarded")
    async with running_system(kafka, postgres_server, home, settings) as system:
        async with signed_in(system) as api:
            for source in (
                flow("plain"),
                flow("busy"),
                flow("disabled", disabled=True),
                flow("stored"),
                flow("signed", more="signature: {scheme: GITHUB, secret: SENDER}"),
                flow("timed", more="signature: {scheme: STRIPE, secret: SENDER}"),
                flow("unready", more="signature: {scheme: SLACK, secret: NOT_THERE}"),
                flow("templated", key="\"{{ secret('SENDER') }}\""),
                NO_HOOK,
            ):
                await api.save(source)
        yield system


def caller(system: System, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=system.url, timeout=60, headers={"X-Forwarded-For": address})


WRONG = {
    "namespace": f"{API}/executions/webhook/nowhere/plain/{KEY}",
    "flow": f"{HOOKS}/nothing/{KEY}",
    "key": f"{HOOKS}/plain/{KEY}x",
    "beginning of the key": f"{HOOKS}/plain/{KEY[:-1]}",
    "empty key": f"{HOOKS}/plain/",
    "no key": f"{HOOKS}/plain",
    "no flow": HOOKS,
    "disabled flow": f"{HOOKS}/disabled/{KEY}",
    "disabled flow and key": f"{HOOKS}/disabled/no",
    "flow without webhook": f"{HOOKS}/quiet/{KEY}",
    "templated key": f"{HOOKS}/templated/no",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_wrong_call_does_not_learn_which_flows_exist(guarded: System, method: str) -> None:
    seen: set[tuple[int, str, tuple[str, ...]]] = set()
    async with caller(
        guarded, {"GET": "10.1.0.1", "POST": "10.1.0.2", "PUT": "10.1.0.3"}[method]
    ) as stranger:
        for path in WRONG.values():
            answer = await stranger.request(method, path)
            told = answer.text.replace(path, "")
            seen.add((answer.status_code, told, tuple(sorted(answer.headers))))
    ((status, told, _),) = seen
    assert status == 404
    assert "Webhook not found" in told


async def test_a_refusal_takes_the_same_time_whatever_was_wrong(guarded: System) -> None:
    taken: dict[str, list[float]] = {name: [] for name in ("flow", "key", "templated key", "disabled flow")}
    for turn in range(7):
        async with caller(guarded, f"10.2.0.{turn}") as stranger:
            for name, times in taken.items():
                began = time.perf_counter()
                await stranger.get(WRONG[name])
                times.append(time.perf_counter() - began)
    # No answer comes before the first moment at which refusals are given.
    assert all(each >= GRID_SECONDS * 0.9 for times in taken.values() for each in times)
    medians = [median(times) for times in taken.values()]
    assert max(medians) - min(medians) < GRID_SECONDS


async def test_who_tries_keys_has_to_wait_and_others_need_not(guarded: System) -> None:
    async with caller(guarded, "10.3.0.1") as guesser:
        good = await guesser.get(f"{HOOKS}/plain/{KEY}")
        assert good.status_code == 200
        statuses = [
            (await guesser.get(f"{HOOKS}/plain/guess-{number}")).status_code
            for number in range(WRONG_AT_ONCE * 3)
        ]
        assert set(statuses) == {404, 429}
        refused = await guesser.get(f"{HOOKS}/busy/{KEY}")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        # Somebody behind the same proxy used this key before.
        assert (await guesser.get(f"{HOOKS}/plain/{KEY}")).status_code == 200
    async with caller(guarded, "10.3.0.2") as other:
        assert (await other.get(f"{HOOKS}/plain/{KEY}")).status_code == 200


async def test_a_webhook_that_is_called_too_often_says_when_to_come_again(guarded: System) -> None:
    async with caller(guarded, "10.4.0.1") as eager:
        answers = [await eager.post(f"{HOOKS}/busy/{KEY}") for _ in range(14)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 4
    assert int(answers[-1].headers["retry-after"]) >= 1


def hexed(signed: bytes, secret: str = SIGNING) -> str:
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


async def test_a_request_without_its_sender_s_signature_starts_nothing(guarded: System) -> None:
    body = b'{"order": 1}'
    right = {"X-Hub-Signature-256": f"sha256={hexed(body)}"}
    forged: list[dict[str, Any]] = [
        {"content": body},
        {"content": body + b" ", "headers": right},
        {"content": body, "headers": {"X-Hub-Signature-256": "sha256=" + hexed(body, "guessed")}},
        {"content": body, "headers": {"X-Hub-Signature": f"sha1={hexed(body)}"}},
    ]
    async with caller(guarded, "10.5.0.1") as sender:
        for request in forged:
            answer = await sender.post(f"{HOOKS}/signed/{KEY}", **request)
            assert answer.status_code == 401, answer.text
        assert (await sender.post(f"{HOOKS}/signed/{KEY}", content=body, headers=right)).status_code == 200


async def test_a_signed_request_cannot_be_repeated_later(guarded: System) -> None:
    def signed(at: int) -> dict[str, str]:
        return {"Stripe-Signature": f"t={at},v1={hexed(str(at).encode() + b'.{}')}"}

    now = int(time.time())
    async with caller(guarded, "10.5.0.2") as sender:
        later = await sender.post(f"{HOOKS}/timed/{KEY}", content=b"{}", headers=signed(now - 3600))
        assert later.status_code == 401
        assert "300 s ago" in later.text
        good = await sender.post(f"{HOOKS}/timed/{KEY}", content=b"{}", headers=signed(now))
        assert good.status_code == 200


async def test_without_the_secret_nothing_is_taken(guarded: System) -> None:
    async with caller(guarded, "10.5.0.3") as sender:
        answer = await sender.post(f"{HOOKS}/unready/{KEY}", content=b"{}")
    assert answer.status_code == 503
    assert "NOT_THERE" not in answer.text
    assert "webhook_secret_unavailable" in guarded.replicas["web"].log_path.read_text()


async def test_credentials_of_callers_and_secrets_of_webhooks_are_stored_nowhere(guarded: System) -> None:
    headers = {
        "Authorization": f"Bearer {PLANTED}",
        "Cookie": f"session={PLANTED}",
        "X-Gitlab-Token": PLANTED,
        "X-Api-Key": PLANTED,
        "X-Hub-Signature-256": PLANTED,
        "X-Kept": "kept-in-the-topic",
    }
    async with caller(guarded, "10.6.0.1") as sender:
        answer = await sender.post(
            f"{HOOKS}/stored/{KEY}?access_token={PLANTED}&password={PLANTED}&q=1", headers=headers, json={}
        )
        assert answer.status_code == 200
        assert (await sender.get(f"{HOOKS}/templated/{SIGNING}")).status_code == 200
    async with signed_in(guarded) as api:
        page = await api.ended(answer.json()["id"])
        variables = page["trigger"]["variables"]
        assert variables["headers"]["X-Kept"] == ["kept-in-the-topic"]
        assert variables["parameters"] == {"q": ["1"]}
        assert PLANTED not in str(page)
    values = await _all_records(guarded)
    assert any(b"kept-in-the-topic" in each for each in values)
    assert not [each for each in values if PLANTED.encode() in each]
    assert PLANTED not in await _all_rows(guarded)


async def _all_records(system: System) -> list[bytes]:
    """Return every value of every topic."""
    reader = Reader(system.kafka, "all-records")
    names = [(topic, p) for topic, declared in TOPICS.items() for p in range(declared.partitions)]
    try:
        await reader.assign(dict.fromkeys(names, "earliest"))
        found: list[bytes] = []
        while batch := await reader.poll():
            found += [record.value or b"" for records in batch.values() for record in records]
        return found
    finally:
        await reader.stop()


async def _all_rows(system: System) -> str:
    """Return all tables as text."""
    connection = await asyncpg.connect(system.database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert len(tables) > 5
        rows = [await connection.fetch(f'SELECT t::text FROM "{name}" t') for (name,) in tables]
        return "\n".join(row[0] for table in rows for row in table)
    finally:
        await connection.close()


async def test_a_browser_cannot_call_a_webhook_for_another_site(guarded: System) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    form = {"Origin": "http://evil.example", "Content-Type": "application/x-www-form-urlencoded"}
    async with anonymous(guarded) as page:
        assert (await page.get(f"{HOOKS}/plain/{KEY}", headers=image)).status_code == 403
        assert (await page.post(f"{HOOKS}/plain/{KEY}", headers=form)).status_code == 403
        assert (await page.get(f"{HOOKS}/plain/{KEY}", headers={"Sec-Fetch-Site": "none"})).status_code == 200
