"""Which hosts web answers for, and whose pages may send something."""

import pytest

from services.web.core.door import Doors, host_name
from services.web.core.problem import Problem

HERE = "10.0.0.7"
DOORS = Doors("https://toccata.example.org:8443", ("web", "*.internal.example", "0.0.0.0", ""))
PLAIN = Doors("http://localhost:8080")


def admitted(doors: Doors, host: bytes | None, version: str = "1.1") -> bool:
    try:
        doors.check_host(host, HERE, version)
    except Problem:
        return False
    return True


def own(doors: Doors, **headers: str) -> bool:
    try:
        doors.check_site({name.replace("_", "-").encode(): value.encode() for name, value in headers.items()})
    except Problem:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost:8080", "LocalHost.:1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "toccata.example.org",
        "toccata.example.org:8443", "web:8080", "a.internal.example", "10.0.0.7:8080",
    ],
)  # fmt: skip
def test_own_names_are_answered(host: str):
    assert admitted(DOORS, host.encode())


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.8",
        "0.0.0.0:8080", "internal.example", "[::1]evil.example", "[::1", "localhost:80@evil.example", "example.org", "weba",
    ],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_refused(host: str):
    assert not admitted(DOORS, host.encode())


def test_only_an_old_program_may_send_no_host():
    assert not admitted(DOORS, None)
    assert admitted(DOORS, None, "1.0")


def test_a_star_answers_for_every_host():
    assert admitted(Doors("", ("*",)), b"any.example")


@pytest.mark.parametrize("host", [b"[fe80::1]:80", b"FE80::1"])
def test_the_name_of_a_header(host: bytes):
    assert host_name(host) == (b"fe80::1" if host[:1] == b"[" else b"")


def test_programs_and_own_pages_may_send():
    assert own(PLAIN, host="localhost:8080")
    assert own(PLAIN, host="localhost:8080", origin="http://localhost:8080", sec_fetch_site="same-origin")
    assert own(PLAIN, host="127.0.0.1:8080", origin="http://127.0.0.1:8080")
    assert own(PLAIN, host="localhost:8080", sec_fetch_site="none")
    assert own(DOORS, host="toccata.example.org", origin="https://toccata.example.org:8443")
    assert own(DOORS, host="127.0.0.1:8080", origin="https://toccata.example.org:8443")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "http://localhost:8080.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "new-word"},
        {"sec_fetch_site": "cross-site", "origin": "http://localhost:8080"},
        {"sec_fetch_site": "same-origin", "origin": "http://evil.example"},
    ],
)
def test_pages_of_others_may_send_nothing(headers: dict[str, str]):
    assert not own(PLAIN, host="localhost:8080", **headers)


def test_a_page_without_tls_may_not_send_to_the_public_address_with_it():
    assert not own(DOORS, host="toccata.example.org:8443", origin="http://toccata.example.org:8443")
