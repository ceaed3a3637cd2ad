import pytest

from toccata.runtime.address import is_loopback, local_url


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "127.0.0.1", "localhost", "::1"])
def test_links_never_say_a_wildcard_and_say_this_machine_in_one_way(host):
    assert local_url(host, 8080) == "http://localhost:8080"


def test_another_host_is_named_as_it_is():
    assert local_url("10.0.0.7", 80) == "http://10.0.0.7:80"
    assert local_url("fd00::7", 80) == "http://[fd00::7]:80"
    assert local_url("toccata.example", 80) == "http://toccata.example:80"


def test_loopback():
    assert is_loopback("localhost")
    assert is_loopback("127.1.2.3")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("somewhere")
