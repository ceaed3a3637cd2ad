"""Which addresses HTTP requests of flows may go to: the guard against requests that flows forge (SSRF).

It judges addresses, not names, at the moment of the connection and for each one: so neither a redirect nor a name that
changes its address (DNS rebinding) gets around it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Mode = Literal["all", "public"]
_NAT64 = IPv6Network("64:ff9b::/96")
SETTING = "TOCCATA_WORKER_HTTP_ALLOWED"


@dataclass(frozen=True, slots=True)
class Reach:
    """``public``: only addresses of the public internet, and those that are allowed besides."""

    mode: Mode = "public"
    allowed: frozenset[str] = frozenset()
    """Host names in lower case, addresses, and networks such as ``10.1.0.0/16``."""

    def refusal(self, host: str, address: str) -> str | None:
        """Why a connection to ``host``, which stands for ``address``, is not made. None: it may be made."""
        if self.mode == "all" or host.lower().rstrip(".") in self.allowed:
            return None
        real = _real(address)
        if real is not None and (_is_public(real) or self._is_allowed(real)):
            return None
        shown = host if host == address else f"{host} ({address})"
        return (
            f"{shown} is not a public address, and this worker calls only public ones. "
            f"Whoever runs the worker can allow it: {SETTING}={host}"
        )

    def _is_allowed(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in ip_network(each) for each in self.allowed if _is_network(each))


PUBLIC = Reach()
EVERYWHERE = Reach("all")


def reach_of(mode: Mode, allowed: str) -> Reach:
    """Of settings. ``allowed`` is separated by commas. Raise ValueError for what is neither name, address nor network."""
    names = frozenset(filter(None, (each.strip().lower().rstrip(".") for each in allowed.split(","))))
    _check(names)
    return Reach(mode, names)


def _check(names: Iterable[str]) -> None:
    for name in names:
        if "/" in name and not _is_network(name):
            raise ValueError(
                f"`{name}` is no network: write one as 10.1.0.0/16, with no bits behind its prefix"
            )
        if ":" in name and not _is_network(name):
            raise ValueError(f"`{name}` is neither a host name nor an address: write it without a port")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _real(address: str) -> IPv4Address | IPv6Address | None:
    """The address that packets go to: IPv4 addresses hide in several kinds of IPv6 ones."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1] or found


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved
