"""Who may call what: Basic credentials by header or cookie, the open paths, and the rule against cross-site requests.
Compares in constant time; knows no request object."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

AUTH_COOKIE = "BASIC_AUTH"
MARK_COOKIE = "kestraBasicAuthenticated"
CSRF_COOKIE = "XSRF-TOKEN"
CSRF_HEADER = b"x-csrf-token"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset(
    {
        "/",
        "/api",
        "/api/",
        "/api/docs",
        "/api/v1",
        "/api/v1/",
        "/api/v1/configs",
        "/api/v1/configs/login",
        "/api/v1/docs",
        "/api/v1/login",
        "/api/v1/openapi.json",
        "/docs",
        "/health",
        "/ping",
        "/swagger",
        "/swagger-ui",
        "/ui",
    }
)
_OPEN_TREES = ("/ui/", "/docs/", "/api/v1/docs/", "/health/")
WEBHOOKS = "/api/v1/main/executions/webhook/"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The expected sign-in, kept as a digest: with equal lengths every comparison takes the same time."""

    username: str
    digest: bytes

    @classmethod
    def of(cls, username: str, password: str) -> Credentials:
        return cls(username, _digest(f"{username}:{password}".encode()))

    def accepts(self, username: str, password: str) -> bool:
        return hmac.compare_digest(_digest(f"{username}:{password}".encode()), self.digest)

    def accepts_token(self, token: str) -> bool:
        """``token``: base64 of ``user:password``."""
        try:
            pair = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(_digest(pair), self.digest)


Verdict = Literal["granted", "unauthenticated", "csrf"]


def is_open(path: str) -> bool:
    """True if the path needs no sign-in. ``path`` is canonical. A webhook is open because its key is its secret."""
    return path in _OPEN or path.startswith((WEBHOOKS, *_OPEN_TREES))


def judge(
    credentials: Credentials, method: str, authorization: str, cookies: Mapping[str, str], csrf: str
) -> Verdict:
    """Decide about a request. ``csrf`` is the header's value. Requests that sign in by header are exempt from the
    cross-site rule."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "basic":
        return "granted" if credentials.accepts_token(token.strip()) else "unauthenticated"
    cookie = cookies.get(AUTH_COOKIE)
    if authorization or cookie is None or not credentials.accepts_token(cookie.strip('"')):
        return "unauthenticated"
    if method in _SAFE:
        return "granted"
    expected = cookies.get(CSRF_COOKIE, "")
    if expected and hmac.compare_digest(expected.encode(), csrf.encode()):
        return "granted"
    return "csrf"


def parse_cookies(header: str) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            cookies.setdefault(name, value)
    return cookies


def _digest(pair: bytes) -> bytes:
    return sha256(pair).digest()
