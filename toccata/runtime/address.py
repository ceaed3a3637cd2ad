"""Addresses as people read them: one spelling of "this machine" for the banner, the links and the command line."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def local_url(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens on ``host``. A wildcard is no address to go to."""
    if is_loopback(host) or _is_wildcard(host):
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_wildcard(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return not host
