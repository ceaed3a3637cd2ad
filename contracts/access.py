"""The state of sign-ins and API tokens, in the compacted topic ``access.state``. Web alone writes and reads it. A record without
a value ends what its key names.

Each record is written once and never changed. So a replica that is late can never bring back what another one ended. Records
hold digests of secrets, never secrets.
"""

from __future__ import annotations

from typing import Literal

from contracts.message import Message
from contracts.scalars import Millis


class SignedIn(Message, frozen=True, kw_only=True, tag="access.signed-in.v1"):
    """Somebody signed in. While this record exists, the cookies of the sign-in count."""

    id: str
    user: str
    csrf_digest: str
    generation: str
    """Changes with the password. A sign-in of an older generation does not count."""
    at: Millis
    until: Millis
    """The latest end, however active the person is."""

    @property
    def key(self) -> str:
        return f"sign-in/{self.id}"


class CookieIssued(Message, frozen=True, kw_only=True, tag="access.cookie.v1"):
    """A cookie of a sign-in. A younger one replaces it from time to time."""

    digest: str
    sign_in: str
    at: Millis
    until: Millis
    """Where it is not replaced before, the person was idle."""
    replaces: str = ""
    """The digest of the cookie before it."""

    @property
    def key(self) -> str:
        return f"cookie/{self.digest}"


class TokenCreated(Message, frozen=True, kw_only=True, tag="access.token.v1"):
    """An API token."""

    id: str
    name: str
    user: str
    digest: str
    scope: Literal["full", "read"]
    at: Millis
    until: Millis | None = None
    """None: it does not expire."""

    @property
    def key(self) -> str:
        return f"token/{self.id}"


AccessRecord = SignedIn | CookieIssued | TokenCreated
