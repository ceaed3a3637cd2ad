"""Whose address a request has: that of the connection, or what a trusted proxy says of it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

_IPV6_HOME = 64
"""Bits of an IPv6 address that one household or machine has. It may choose the others freely."""
_LONGEST_SHOWN = 100


class Proxies:
    """The proxies whose header ``X-Forwarded-For`` is believed. ``networks``: addresses or networks. Raises ValueError."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(ip_network(each.strip()) for each in networks if each.strip())

    def caller(self, peer: str, forwarded: str) -> str:
        """Return the address of the caller. ``peer``: the other end of the connection; ``forwarded``: the header, or empty.

        Everybody can write the beginning of the header, so the last address that is no trusted proxy counts."""
        if not self._networks or not forwarded or not self._trusts(peer):
            return peer
        address = peer
        for each in reversed(forwarded.split(",")):
            address = each.strip()
            if not self._trusts(address):
                break
        return address if _is_address(address) else peer

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed.version == each.version and parsed in each for each in self._networks)


def household(address: str) -> str:
    """Return the address, or the network of an IPv6 address, as far as one person may choose it."""
    if ":" not in address:
        return address[:_LONGEST_SHOWN]
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST_SHOWN]
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_HOME), strict=False))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
