"""The guard over addresses."""

from __future__ import annotations

import pytest

from toccata.kit.http.reach import EVERYWHERE, Reach, reach_of

PUBLIC = Reach()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:0001::", "not an address",
    ],
)  # fmt: skip
def test_only_public_addresses_are_called(address: str) -> None:
    refusal = PUBLIC.refusal("host", address)
    assert refusal is not None
    assert "TOCCATA_WORKER_HTTP_ALLOWED=host" in refusal
    assert EVERYWHERE.refusal("host", address) is None


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_called(address: str) -> None:
    assert PUBLIC.refusal("host", address) is None


@pytest.mark.parametrize(
    "allowed", ["10.0.0.5", "10.0.0.0/24", "db.internal", "DB.internal.", "a, 10.0.0.0/8"]
)
def test_others_can_be_allowed(allowed: str) -> None:
    assert reach_of("public", allowed).refusal("db.internal", "10.0.0.5") is None
    assert reach_of("public", allowed).refusal("other", "192.168.0.1") is not None


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "host:80", "a,10.0.0.0/99"])
def test_a_wrong_setting_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"network|address"):
        reach_of("public", wrong)
