"""Finds out who calls, signs people in and out, and keeps API tokens."""

from __future__ import annotations

import asyncio
import math
import random
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe
from typing import Literal

from contracts.access import AccessRecord, CookieIssued, SignedIn, TokenCreated
from contracts.scalars import Millis
from services.web.core.access.backoff import BackOff, Wait
from services.web.core.access.claim import TOKEN_PREFIX, Basic, Bearer, Claim, Cookie, digest_of
from services.web.core.access.session import Lifetimes, Secrets, is_due, replacement, sign_in
from services.web.core.access.state import (
    MOST_SIGN_INS,
    MOST_TOKENS,
    Identity,
    caller_of_sign_in,
    caller_of_token,
)
from services.web.core.auth import Caller
from services.web.core.problem import Problem, conflict, not_found, too_many
from services.web.metrics import AccessEvent, AccessMetrics
from services.web.ports import AccessLog
from services.web.shell.opening import Opening
from services.web.shell.password_check import PasswordCheck
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

log = get_logger()
_SECRET_BYTES = 32
_SWEEP_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Known:
    """Who calls. ``new_cookie`` replaces the one that the request showed; empty if that one may stay."""

    caller: Caller | None
    new_cookie: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NewToken:
    record: TokenCreated
    secret: str = field(repr=False)


class Access:
    def __init__(
        self,
        identity: Identity,
        records: AccessLog,
        lifetimes: Lifetimes,
        metrics: AccessMetrics,
        opening: Opening,
    ) -> None:
        self.lifetimes = lifetimes
        self._identity = identity
        self._records = records
        self._metrics = metrics
        self._opening = opening
        self._passwords = PasswordCheck(identity)
        self._backoff = BackOff()
        self._replacing: set[str] = set()
        self._said_at, self._unsaid = float("-inf"), 0

    async def known(self, claim: Claim | None, address: str) -> Known:
        """Raises Problem 429 if this address guessed too often, and Transient while sessions and tokens cannot be read."""
        match claim:
            case Basic(username, password):
                right = await self._is_right(username, password, address, "basic")
                return Known(Caller(username, "password") if right else None)
            case Bearer(digest):
                return Known(await self._of_token(digest, address))
            case Cookie(digest):
                return await self._of_cookie(digest, address)
            case None:
                return Known(None)

    async def sign_in(
        self, username: str, password: str, address: str, before: Claim | None
    ) -> Secrets | None:
        """None if the sign-in is wrong. ``before`` is what the request showed: its sign-in ends. Raises as ``known``."""
        if not await self._is_right(username, password, address, "form"):
            return None
        await self._opening.wait()
        fresh = Secrets(token_hex(8), token_urlsafe(_SECRET_BYTES), token_urlsafe(_SECRET_BYTES))
        now, state = now_ms(), self._records.state
        ended = [each.key for each in state.open_sign_ins(self._identity, now)[: -MOST_SIGN_INS + 1 or None]]
        if isinstance(before, Cookie) and (found := state.cookie(before.digest, self._identity, now)):
            ended += [found[0].key, found[1].key]
        begun = sign_in(fresh, self._identity, self.lifetimes, now)
        await self._append([*begun], ended)
        self._happened("signed_in", address, how="session", user=username, sign_in=fresh.id)
        return fresh

    async def sign_out(self, caller: Caller, address: str) -> None:
        """End the caller's session on all replicas. Nothing happens for callers without one."""
        if caller.how == "session":
            await self._append([], [f"sign-in/{caller.id}"])
            self._happened("signed_out", address, user=caller.name, sign_in=caller.id)

    async def tokens(self) -> list[TokenCreated]:
        await self._opening.wait()
        await self._records.catch_up()
        return self._records.state.tokens(self._identity)

    async def create_token(
        self, name: str, scope: Literal["full", "read"], until: Millis | None, address: str
    ) -> NewToken:
        """Raises Problem 409 if a token of this name exists, or if there are too many."""
        there = await self.tokens()
        if any(each.name == name for each in there):
            raise conflict(f"a token named '{name}' exists: revoke it first, or choose another name")
        if len(there) >= MOST_TOKENS:
            raise conflict(f"there are {len(there)} tokens: revoke those that are not needed")
        secret = TOKEN_PREFIX + token_urlsafe(_SECRET_BYTES)
        record = TokenCreated(
            id=token_hex(8),
            name=name,
            user=self._identity.name,
            digest=digest_of(secret),
            scope=scope,
            at=now_ms(),
            until=until,
        )
        await self._append([record], [])
        self._happened("token_created", address, token=record.id, name=name, scope=scope, until=until)
        return NewToken(record, secret)

    async def revoke_token(self, token_id: str, address: str) -> None:
        """Raises Problem 404 if there is no such token."""
        found = {each.id: each for each in await self.tokens()}.get(token_id)
        if found is None:
            raise not_found(f"token '{token_id[:64]}'")
        await self._append([], [found.key])
        self._happened("token_revoked", address, token=found.id, name=found.name)

    async def run(self) -> None:
        """Take what is over out of the topic, now and then. Runs for ever."""
        await self._records.wait_ready()
        while True:
            with suppress(Transient):
                over = list(self._records.state.over(now_ms()))
                if over:
                    await self._append([], over)
            await asyncio.sleep(_SWEEP_SECONDS * (0.5 + random.random()))  # noqa: S311 - spreads the replicas

    def close(self) -> None:
        self._passwords.close()

    async def _is_right(self, username: str, password: str, address: str, how: str) -> bool:
        digest = self._passwords.digest(username, password)
        guess = self._backoff.begin(username, address, digest, monotonic())
        if isinstance(guess, Wait):
            raise self._slow_down(guess, address)
        if self._passwords.is_remembered(digest):
            guess.right(monotonic())
            return True
        right = False
        try:
            right = await self._passwords.check(username, password, digest)
        finally:
            if right:
                guess.right(monotonic())
            else:
                guess.wrong(monotonic())
        if not right:
            # A mistyped name may be a password, so only the known name is logged.
            name = username if username == self._identity.name else "(unknown)"
            self._happened("sign_in_refused", address, how=how, user=name)
        elif how == "basic":
            self._happened("signed_in", address, how=how, user=username)
        return right

    def _slow_down(self, wait: Wait, address: str) -> Problem:
        self._metrics.count("sign_in_slowed")
        if wait.is_first:
            log.warning("sign_in_slowed", address=address, seconds=round(wait.seconds, 1))
        return too_many(
            "Too many wrong sign-ins from this address: wait, then try again", math.ceil(wait.seconds)
        )

    async def _of_token(self, digest: str, address: str) -> Caller | None:
        await self._opening.wait()
        found = self._records.state.token(digest, self._identity, now_ms())
        if found is None:
            await self._records.catch_up()
            found = self._records.state.token(digest, self._identity, now_ms())
        if found is None:
            self._refused("token_refused", address)
            return None
        return caller_of_token(found)

    async def _of_cookie(self, digest: str, address: str) -> Known:
        await self._opening.wait()
        found = self._records.state.cookie(digest, self._identity, now_ms())
        if found is None:
            await self._records.catch_up()
            found = self._records.state.cookie(digest, self._identity, now_ms())
        if found is None:
            self._refused("session_refused", address)
            return Known(None)
        return Known(caller_of_sign_in(found[0]), await self._replaced(*found))

    async def _replaced(self, begun: SignedIn, cookie: CookieIssued) -> str:
        """The secret of the cookie that replaces this one, if it is time. If that cannot be written, the old one stays."""
        now, state = now_ms(), self._records.state
        with suppress(Transient):
            if (ended := state.predecessor_to_end(cookie, now)) is not None:
                await self._append([], [ended])
            if cookie.digest not in self._replacing and is_due(state, cookie, self.lifetimes, now):
                self._replacing.add(cookie.digest)
                try:
                    secret = token_urlsafe(_SECRET_BYTES)
                    await self._append([replacement(secret, begun, cookie, self.lifetimes, now)], [])
                finally:
                    self._replacing.discard(cookie.digest)
                return secret
        return ""

    async def _append(self, made: list[AccessRecord], ended: list[str]) -> None:
        records: list[tuple[str, AccessRecord | None]] = [(key, None) for key in ended]
        records += [(record.key, record) for record in made]
        await self._records.append(records)

    def _refused(self, event: AccessEvent, address: str) -> None:
        """Nobody can guess 256 random bits, so this slows no address: it is often just an old page. Anybody can ask for more
        such lines than a disk holds, so there is one a second."""
        self._metrics.count(event)
        self._unsaid += 1
        if monotonic() - self._said_at >= 1:
            log.info(event, address=address, refused=self._unsaid)
            self._said_at, self._unsaid = monotonic(), 0

    def _happened(self, event: AccessEvent, address: str, **what: object) -> None:
        self._metrics.count(event)
        line = log.warning if event == "sign_in_refused" else log.info
        line(event, address=address, **what)
