"""What a request shows to say who calls. Whether it counts is decided elsewhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

SESSION_COOKIE = "toccata_session"
MARK_COOKIE = "kestraBasicAuthenticated"
CSRF_COOKIE = "XSRF-TOKEN"
TOKEN_PREFIX = "toccata_"  # noqa: S105 - the beginning of every token, by which scanners find leaked ones
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Basic:
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    digest: str


@dataclass(frozen=True, slots=True)
class Cookie:
    digest: str


Claim: TypeAlias = Basic | Bearer | Cookie
"""The secrets of tokens and cookies are digested at once, and never kept."""


def claim_of(authorization: str, cookies: Mapping[str, str]) -> Claim | None:
    """None if the request shows nothing that could count. A wrong header is not saved by a cookie."""
    if len(authorization) > _LONGEST:
        return None
    if authorization:
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "basic":
            return _basic(rest.strip())
        return Bearer(digest_of(rest.strip())) if scheme.lower() == "bearer" and rest.strip() else None
    secret = cookies.get(SESSION_COOKIE, "")
    return Cookie(digest_of(secret)) if secret else None


def digest_of(secret: str) -> str:
    """A digest without salt or stretching. The secrets have 256 random bits: nobody can try them out, so a slow digest would
    protect nothing, and each request pays for it."""
    return base64.urlsafe_b64encode(sha256(secret.encode()).digest()).decode().rstrip("=")


def parse_cookies(header: str) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            cookies.setdefault(name, value.strip('"'))
    return cookies


def _basic(token: str) -> Basic | None:
    """``token``: base64 of ``user:password``."""
    try:
        username, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return Basic(username, password) if colon and username and password else None
