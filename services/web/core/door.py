"""Which requests may come in at all: under which host names web is called, and from whose pages a browser may send.
Knows no sign-in and no request object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from services.web.core.problem import Problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing. Only webhooks answer GET with an effect."""
ANY_HOST = "*"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
"""Addresses on which web may listen, but under which nobody calls it."""
_OWN_SITE = frozenset({b"same-origin", b"none"})
"""``none``: a person typed the address, or opened a bookmark."""
_LONGEST_SHOWN = 100


class Doors:
    """``names``: host names under which web answers, beside loopback and the public URL. ``*.example.org`` means all below it,
    ``*`` all."""

    def __init__(self, public_url: str, names: Iterable[str] = ()) -> None:
        public = urlsplit(public_url)
        self._secure = public.scheme == "https"
        self._public_origin = f"{public.scheme}://{public.netloc}".lower().encode()
        self._public_host = (public.hostname or "").encode()
        wanted = {name.strip().strip("[]").rstrip(".").lower() for name in names} - _WILDCARDS
        self._any = ANY_HOST in wanted
        self._below = tuple(name[1:].encode() for name in wanted if name.startswith("*."))
        exact = {name.encode() for name in (*_LOOPBACK, *wanted)} | {self._public_host}
        self._names = frozenset(exact - {b""})

    def check_host(self, host: bytes | None, address: str, http_version: str) -> None:
        """Raise Problem if the request is for another host. ``address`` is that of this end of the connection.

        A page whose name was made to point here sends its own name, so the list stops it."""
        if host is None:
            if http_version == "1.1":
                raise Problem(400, "bad-request", "Bad Request: the header Host is missing")
            return  # Old programs send none. Browsers always do.
        name = host_name(host)
        if name in self._names or self._any or (self._below and name.endswith(self._below)):
            return
        if not name or name != address.encode():
            raise _misdirected(host)

    def check_site(self, headers: Mapping[bytes, bytes]) -> None:
        """Raise Problem if a page of another origin made a browser send this. Programs send none of these headers."""
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None and site not in _OWN_SITE:
            raise _foreign("a page of another site")
        if origin is not None and not self._is_own(origin.lower(), headers.get(b"host", b"").lower()):
            raise _foreign(_shown(origin))

    def _is_own(self, origin: bytes, host: bytes) -> bool:
        if origin == self._public_origin:
            return True
        if self._secure and host_name(host) == self._public_host:
            return False  # A page without TLS may have been changed on its way.
        return bool(host) and origin.partition(b"://")[2] == host


def host_name(host: bytes) -> bytes:
    """Return the name in a header Host, in small letters. Empty if it is malformed."""
    if host[:1] == b"[":
        name, closed, port = host[1:].partition(b"]")
        if not closed or (port and port[:1] != b":"):
            return b""
        port = port[1:]
    else:
        name, _, port = host.partition(b":")
    if port and not port.isdigit():
        return b""
    return name.rstrip(b".").lower()


def _misdirected(host: bytes) -> Problem:
    return Problem(
        421,
        "misdirected-request",
        f"Misdirected Request: this server does not answer for the host {_shown(host)}."
        " If it is right, add its name to TOCCATA_WEB_ALLOWED_HOSTS",
    )


def _foreign(who: str) -> Problem:
    return Problem(
        403,
        "forbidden",
        f"Forbidden: {who} may not send this. If web has another address behind a proxy, set TOCCATA_WEB_PUBLIC_URL to it",
    )


def _shown(text: bytes) -> str:
    return repr(text[:_LONGEST_SHOWN].decode("latin1"))
