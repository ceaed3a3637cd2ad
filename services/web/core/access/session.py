"""How long a sign-in lasts, and when its cookie is replaced. Pure: secrets, ids and the time are arguments."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.access import CookieIssued, SignedIn
from contracts.scalars import Millis
from services.web.core.access.claim import digest_of
from services.web.core.access.state import GRACE_MS, AccessState, Identity


@dataclass(frozen=True, slots=True)
class Lifetimes:
    idle_ms: Millis
    """A cookie ends this long after it was issued, if it is not replaced before."""
    longest_ms: Millis
    """A sign-in ends this long after it began."""

    @property
    def replaced_after_ms(self) -> Millis:
        """A cookie of this age is replaced by its next request. So somebody who is active at least once in three quarters of
        the idle time stays signed in."""
        return self.idle_ms // 4


@dataclass(frozen=True, slots=True)
class Secrets:
    """Fresh random texts for a sign-in."""

    id: str
    cookie: str = field(repr=False)
    mark: str = field(repr=False)


def sign_in(
    secrets: Secrets, who: Identity, lifetimes: Lifetimes, now: Millis
) -> tuple[SignedIn, CookieIssued]:
    until = now + lifetimes.longest_ms
    begun = SignedIn(
        id=secrets.id,
        user=who.name,
        csrf_digest=digest_of(secrets.mark),
        generation=who.generation,
        at=now,
        until=until,
    )
    first = CookieIssued(
        digest=digest_of(secrets.cookie),
        sign_in=secrets.id,
        at=now,
        until=min(until, now + lifetimes.idle_ms),
    )
    return begun, first


def is_due(state: AccessState, cookie: CookieIssued, lifetimes: Lifetimes, now: Millis) -> bool:
    """True if the cookie should be replaced now. Requests at the same time replace it once."""
    if now - cookie.at < lifetimes.replaced_after_ms:
        return False
    successor = state.successor(cookie.digest)
    return successor is None or now - successor.at > GRACE_MS


def replacement(
    secret: str, sign_in: SignedIn, cookie: CookieIssued, lifetimes: Lifetimes, now: Millis
) -> CookieIssued:
    return CookieIssued(
        digest=digest_of(secret),
        sign_in=sign_in.id,
        at=now,
        until=min(sign_in.until, now + lifetimes.idle_ms),
        replaces=cookie.digest,
    )
