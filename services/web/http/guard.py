"""Finds out who calls and what they may do, before any route. It is the only place that reads credentials of requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from services.web.core.access.claim import (
    CSRF_COOKIE,
    MARK_COOKIE,
    SESSION_COOKIE,
    Claim,
    claim_of,
    parse_cookies,
)
from services.web.core.access.session import Lifetimes, Secrets
from services.web.core.auth import CSRF_HEADER, Asked, Caller, Refusal, is_open, judge
from services.web.core.caller import Proxies
from services.web.core.problem import Problem
from services.web.shell.access import Access

CALLER = "toccata.caller"
"""Key of the ASGI scope: who calls. Absent on open paths."""
ADDRESS = "toccata.address"
"""Key of the ASGI scope: the caller's address, or what a trusted proxy says of it."""
_WHY = {
    "csrf": "Forbidden: header X-CSRF-TOKEN does not match the session",
    "read_only": "Forbidden: this token may only read",
    "token": "Forbidden: a token cannot make or revoke tokens: sign in with the password",
}


@dataclass(frozen=True, slots=True)
class Admission:
    refusal: Refusal | None
    new_cookie: str = field(default="", repr=False)


class Guard:
    def __init__(self, access: Access, public_url: str) -> None:
        self._access = access
        self._cookies = SessionCookies(public_url, access.lifetimes)

    async def admit(self, scope: Scope) -> Admission:
        """Raises Problem for callers who are known but may not do this, and for addresses that guess too often."""
        if is_open(scope["path"]):
            return Admission(None)
        known = await self._access.known(claim_of_request(scope), address_of(scope))
        asked = Asked(scope["method"], scope["path"], header(scope, CSRF_HEADER))
        verdict = judge(asked, known.caller)
        if verdict.refusal is not None and verdict.refusal != "unauthenticated":
            raise Problem(403, "forbidden", _WHY[verdict.refusal])
        scope[CALLER] = verdict.caller
        return Admission(verdict.refusal, known.new_cookie)

    def renewing(self, send: Send, cookie: str) -> Send:
        """Send the same answer, with the cookie that replaces the one of the request."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                line = self._cookies.session(cookie)
                message.setdefault("headers", [])
                MutableHeaders(scope=message).append("set-cookie", line)
            await send(message)

        return sent if cookie else send


class SessionCookies:
    """Writes the cookies of a session. Programs see Kestra's names where they look at them."""

    def __init__(self, public_url: str, lifetimes: Lifetimes) -> None:
        self._secure = public_url.startswith("https:")
        self._idle_seconds = lifetimes.idle_ms // 1000
        self._longest_seconds = lifetimes.longest_ms // 1000

    def begin(self, response: Response, secrets: Secrets) -> None:
        response.headers.append("set-cookie", self.session(secrets.cookie))
        for name, value in ((MARK_COOKIE, "true"), (CSRF_COOKIE, secrets.mark)):
            response.set_cookie(
                name, value, max_age=self._longest_seconds, samesite="strict", secure=self._secure
            )

    def end(self, response: Response) -> None:
        for name in (SESSION_COOKIE, MARK_COOKIE, CSRF_COOKIE):
            response.delete_cookie(name, samesite="strict", secure=self._secure)

    def session(self, secret: str) -> str:
        """The value of the header ``Set-Cookie``. No script reads this cookie, and no other site makes a browser send it."""
        secure = "; Secure" if self._secure else ""
        return f"{SESSION_COOKIE}={secret}; HttpOnly; Max-Age={self._idle_seconds}; Path=/; SameSite=strict{secure}"


def claim_of_request(scope: Scope) -> Claim | None:
    return claim_of(header(scope, b"authorization"), parse_cookies(header(scope, b"cookie")))


def caller_of(request: Request) -> Caller:
    """Who calls a route that is not open."""
    caller: Caller = request.scope[CALLER]
    return caller


def note_address(scope: Scope, proxies: Proxies) -> None:
    """Find the caller's address, for :func:`address_of`."""
    peer = (scope.get("client") or ("",))[0]
    scope[ADDRESS] = proxies.caller(peer, header(scope, b"x-forwarded-for"))


def address_of(scope: Scope) -> str:
    """The caller's address. Empty if the connection has none."""
    return str(scope[ADDRESS])


def found_header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name, None if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin1"))
    return None


def header(scope: Scope, name: bytes) -> str:
    """The first header of this name, empty if there is none."""
    return found_header(scope, name) or ""
