"""Signatures of webhooks. The GitHub and Slack examples are those of their own documentation."""

import hmac
from datetime import timedelta
from hashlib import sha256

import pytest

from contracts.language.types.trigger.webhook import Signature
from services.web.core.write.signature import unsigned_because

NOW = 1_531_420_618_000
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&"
    b"user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SLACK = {
    b"x-slack-request-timestamp": b"1531420618",
    b"x-slack-signature": b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


def by(scheme: str, **more: object) -> Signature:
    return Signature.model_validate({"scheme": scheme, "secret": "S", **more})


def hexed(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def stripe(secret: str, at: int, body: bytes) -> dict[bytes, bytes]:
    return {
        b"stripe-signature": f"t={at},v0=x,v1=wrong,v1={hexed(secret, f'{at}.'.encode() + body)}".encode()
    }


def test_github_s_own_example():
    given = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {b"x-hub-signature-256": given}
    secret = "It's a Secret to Everybody"
    assert unsigned_because(by("github"), secret, headers, b"Hello, World!", NOW) == ""
    assert unsigned_because(by("github"), secret, headers, b"Hello, World?", NOW)
    assert unsigned_because(by("github"), "other", headers, b"Hello, World!", NOW)
    assert unsigned_because(by("github"), secret, {}, b"Hello, World!", NOW)


def test_slack_s_own_example():
    assert unsigned_because(by("SLACK"), SLACK_SECRET, SLACK, SLACK_BODY, NOW) == ""
    assert unsigned_because(by("SLACK"), SLACK_SECRET, SLACK, SLACK_BODY + b"x", NOW)
    later = {**SLACK, b"x-slack-request-timestamp": b"1531420619"}
    assert unsigned_because(by("SLACK"), SLACK_SECRET, later, SLACK_BODY, NOW)


def test_one_of_stripe_s_signatures_suffices():
    headers = stripe("whsec_1", NOW // 1000, b"{}")
    assert unsigned_because(by("STRIPE"), "whsec_1", headers, b"{}", NOW) == ""
    assert unsigned_because(by("STRIPE"), "whsec_2", headers, b"{}", NOW)
    assert unsigned_because(by("STRIPE"), "whsec_1", headers, b"[]", NOW)


@pytest.mark.parametrize("seconds", [-400, 400])
def test_a_request_that_is_repeated_later_is_refused(seconds: int):
    at = NOW // 1000 + seconds
    headers = stripe("s", at, b"{}")
    assert "signed more than 300 s ago" in unsigned_because(by("STRIPE"), "s", headers, b"{}", NOW)
    wider = by("STRIPE", tolerance=timedelta(minutes=10))
    assert unsigned_because(wider, "s", headers, b"{}", NOW) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {b"stripe-signature": b""},
        {b"stripe-signature": b"t=,v1="},
        {b"stripe-signature": b"v1"},
        {b"stripe-signature": b"t=nan,v1=" + hexed("s", b"nan.{}").encode()},
        {b"stripe-signature": b"t=1e9,v1=" + hexed("s", b"1e9.{}").encode()},
        {b"stripe-signature": b"\xff\xfe,t=1,v1=\xff"},
    ],
)
def test_odd_headers_are_refused(headers: dict[bytes, bytes]):
    assert unsigned_because(by("STRIPE"), "s", headers, b"{}", NOW)


def test_an_empty_secret_signs_nothing():
    headers = {b"x-hub-signature-256": b"sha256=" + hexed("", b"").encode()}
    assert unsigned_because(by("GITHUB"), "", headers, b"", NOW)


@pytest.mark.parametrize("secret", ["../x", "a/b", "", ".x", "a" * 200])
def test_a_secret_is_a_name(secret: str):
    with pytest.raises(ValueError, match="secret"):
        by("GITHUB", secret=secret)
