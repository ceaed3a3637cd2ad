"""Sign-ins, cookies and API tokens as they are now: the fold of ``access.state``. Pure: lookups take the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from contracts.access import AccessRecord, CookieIssued, SignedIn, TokenCreated
from contracts.scalars import Millis
from services.web.core.auth import Caller

MOST_SIGN_INS = 200
"""After so many sign-ins that have not ended, each new one ends the oldest."""
MOST_TOKENS = 500
GRACE_MS: Millis = 60_000
"""So long after its successor was issued, a cookie still counts: requests may be on their way."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The one user. ``generation`` changes with the password."""

    name: str
    generation: str
    password_hash: str = field(default="", repr=False)


class AccessState:
    def __init__(self) -> None:
        self._sign_ins: dict[str, SignedIn] = {}
        self._cookies: dict[str, CookieIssued] = {}
        self._successors: dict[str, CookieIssued] = {}
        self._tokens: dict[str, TokenCreated] = {}
        self._by_digest: dict[str, str] = {}

    def apply(self, key: str, record: AccessRecord | None) -> None:
        """Take the next record of the topic. Repeating a record changes nothing. A record whose key is not its own is ignored."""
        if record is None:
            self._forget(key)
        elif record.key != key:
            return
        elif isinstance(record, SignedIn):
            self._sign_ins[record.id] = record
        elif isinstance(record, CookieIssued):
            self._cookies[record.digest] = record
            if record.replaces:
                self._successors[record.replaces] = record
        else:
            self._tokens[record.id] = record
            self._by_digest[record.digest] = record.id

    def cookie(self, digest: str, who: Identity, now: Millis) -> tuple[SignedIn, CookieIssued] | None:
        """The sign-in of a cookie that counts."""
        cookie = self._cookies.get(digest)
        sign_in = self._sign_ins.get(cookie.sign_in) if cookie is not None else None
        if cookie is None or sign_in is None or not _counts(sign_in, who, now) or cookie.until <= now:
            return None
        return sign_in, cookie

    def successor(self, digest: str) -> CookieIssued | None:
        return self._successors.get(digest)

    def predecessor_to_end(self, cookie: CookieIssued, now: Millis) -> str | None:
        """The key of the cookie before this one, if it still counts although its time of grace is over."""
        known = cookie.replaces in self._cookies and now - cookie.at > GRACE_MS
        return self._cookies[cookie.replaces].key if known else None

    def token(self, digest: str, who: Identity, now: Millis) -> TokenCreated | None:
        """A token that counts."""
        token = self._tokens.get(self._by_digest.get(digest, ""))
        if token is None or token.user != who.name or (token.until is not None and token.until <= now):
            return None
        return token

    def token_of_id(self, token_id: str) -> TokenCreated | None:
        return self._tokens.get(token_id)

    def tokens(self, who: Identity) -> list[TokenCreated]:
        """All tokens of the user, also expired ones, by age."""
        mine = [token for token in self._tokens.values() if token.user == who.name]
        return sorted(mine, key=lambda token: (token.at, token.id))

    def open_sign_ins(self, who: Identity, now: Millis) -> list[SignedIn]:
        """Oldest first."""
        mine = [each for each in self._sign_ins.values() if _counts(each, who, now)]
        return sorted(mine, key=lambda each: (each.at, each.id))

    def over(self, now: Millis) -> Iterator[str]:
        """Keys of records that can never count again. Tokens stay a month after their end, so that lists show why they are refused."""
        for sign_in in self._sign_ins.values():
            if sign_in.until <= now:
                yield sign_in.key
        for cookie in self._cookies.values():
            orphan = cookie.sign_in not in self._sign_ins and now - cookie.at > GRACE_MS
            if cookie.until <= now or orphan:
                yield cookie.key
        for token in self._tokens.values():
            if token.until is not None and now - token.until > _SHOWN_MS:
                yield token.key

    def size(self) -> int:
        return sum(1 for _ in chain(self._sign_ins, self._cookies, self._tokens))

    def _forget(self, key: str) -> None:
        kind, _, name = key.partition("/")
        if kind == "sign-in":
            self._sign_ins.pop(name, None)
        elif kind == "cookie":
            cookie = self._cookies.pop(name, None)
            if cookie is not None and self._successors.get(cookie.replaces) is cookie:
                del self._successors[cookie.replaces]
        elif kind == "token":
            token = self._tokens.pop(name, None)
            if token is not None:
                self._by_digest.pop(token.digest, None)


_SHOWN_MS = 30 * 86_400_000


def caller_of_sign_in(sign_in: SignedIn) -> Caller:
    return Caller(sign_in.user, "session", sign_in.id, csrf_digest=sign_in.csrf_digest)


def caller_of_token(token: TokenCreated) -> Caller:
    return Caller(token.user, "token", token.id, read_only=token.scope == "read")


def _counts(sign_in: SignedIn, who: Identity, now: Millis) -> bool:
    return sign_in.user == who.name and sign_in.generation == who.generation and sign_in.until > now
