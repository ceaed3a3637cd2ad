"""Whose address counts."""

import pytest

from services.web.core.caller import Proxies, household

BEHIND = Proxies(["10.0.0.0/8", " 127.0.0.1 ", "fd00::/8", ""])


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "9.9.9.9, 1.2.3.4, 10.1.1.1", "1.2.3.4"),
        ("127.0.0.1", "10.2.2.2,10.1.1.1", "10.2.2.2"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("8.8.8.8", "1.2.3.4", "8.8.8.8"),
        ("127.0.0.1", "1.2.3.4, <script>", "127.0.0.1"),
        ("127.0.0.1", ",", "127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_calls(peer: str, forwarded: str, caller: str):
    assert BEHIND.caller(peer, forwarded) == caller


def test_without_trusted_proxies_the_header_is_not_read():
    assert Proxies().caller("127.0.0.1", "1.2.3.4") == "127.0.0.1"


def test_a_network_that_is_none_is_refused():
    with pytest.raises(ValueError, match="does not appear"):
        Proxies(["nowhere"])


def test_who_may_choose_an_ipv6_address_freely_counts_once():
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2:ffff::1")
    assert household("2001:db8:1:2::1") != household("2001:db8:1:3::1")
    assert household("1.2.3.4") == "1.2.3.4"
    assert household("fe80::1%eth0") == "fe80::/64"
    assert household("::ffff:10.0.0.1") == household("10.0.0.1")
    assert household("nonsense") == "nonsense"
