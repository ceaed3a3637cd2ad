"""Whether a webhook's request was signed by its sender: GitHub's, Stripe's and Slack's ways. Compares in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from contracts.language.types.trigger.webhook import Signature
from contracts.scalars import Millis

_MILLIS = 1000


def unsigned_because(
    signature: Signature, secret: str, headers: Mapping[bytes, bytes], body: bytes, now: Millis
) -> str:
    """Return why the request is not taken, or empty text if its signature is right."""
    if not secret:
        return "the secret is empty"
    key = secret.encode()
    if signature.scheme == "GITHUB":
        given = headers.get(b"x-hub-signature-256", b"")
        return _compared(key, body, [given.removeprefix(b"sha256=")], "X-Hub-Signature-256")
    if signature.scheme == "STRIPE":
        fields = [
            field.strip().partition(b"=") for field in headers.get(b"stripe-signature", b"").split(b",")
        ]
        sent = next((value for name, _, value in fields if name == b"t"), b"")
        given_all = [value for name, _, value in fields if name == b"v1"]
        wrong = _compared(key, sent + b"." + body, given_all, "Stripe-Signature")
    else:
        sent = headers.get(b"x-slack-request-timestamp", b"")
        given = headers.get(b"x-slack-signature", b"")
        signed = b"v0:" + sent + b":" + body
        wrong = _compared(key, signed, [given.removeprefix(b"v0=")], "X-Slack-Signature")
    return wrong or _too_old(sent, now, signature.tolerance.total_seconds())


def _compared(key: bytes, signed: bytes, given: list[bytes], header: str) -> str:
    expected = hmac.new(key, signed, sha256).hexdigest().encode()
    right = False
    for each in given:
        right |= hmac.compare_digest(each.lower(), expected)
    return "" if right else f"the signature in {header} is missing or wrong"


def _too_old(sent: bytes, now: Millis, tolerance: float) -> str:
    if not sent.isdigit():
        return "the time of the request is missing"
    if abs(now / _MILLIS - int(sent)) > tolerance:
        return f"the request was signed more than {tolerance:.0f} s ago, or the clocks differ"
    return ""
