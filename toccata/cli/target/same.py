"""Compares addresses of servers, however they are spelled."""

from __future__ import annotations

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})  # noqa: S104 - compared, never listened on
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "postgres": 5432}


def same_url(one: str, other: str) -> bool:
    return _place(one) == _place(other)


def same_database(one: str, other: str) -> bool:
    """True for the same database on the same server."""
    return _place(one) == _place(other) and urlsplit(one).path == urlsplit(other).path


def same_kafka(one: str, other: str) -> bool:
    """True if they share one broker, because a client may name any broker of a cluster."""
    return bool(_brokers(one) & _brokers(other))


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        # This is not an address. The code that uses it reports that.
        return url, None
    return _host(parts.hostname or ""), port or _PORTS.get(parts.scheme)


def _brokers(servers: str) -> set[tuple[str, str]]:
    pairs = (server.strip().rpartition(":") for server in servers.split(",") if server.strip())
    return {(_host(host.strip("[]")), port) for host, _, port in pairs}


def _host(name: str) -> str:
    return "localhost" if name.lower() in _LOOPBACK else name.lower()
