from base64 import b64encode

import pytest

from services.web.core.access.claim import Basic, Bearer, Cookie, claim_of, digest_of, parse_cookies

PAIR = b64encode(b"a@b.c:Secret:123").decode()


def test_a_header_claims_a_password_or_a_token():
    assert claim_of(f"Basic {PAIR}", {}) == Basic("a@b.c", "Secret:123")
    assert claim_of(f"basic {PAIR}", {}) == Basic("a@b.c", "Secret:123")
    assert claim_of("Bearer abc", {}) == Bearer(digest_of("abc"))
    assert "Secret" not in repr(claim_of(f"Basic {PAIR}", {}))


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic Og==", "Bearer", "Bearer ", "Digest x", "Basic " + "A" * 9_000]
)
def test_a_wrong_header_claims_nothing_and_is_not_saved_by_a_cookie(header):
    assert claim_of(header, {"toccata_session": "abc"}) is None


def test_without_a_header_the_cookie_counts():
    assert claim_of("", {"toccata_session": "abc"}) == Cookie(digest_of("abc"))
    assert claim_of("", {"toccata_session": ""}) is None
    assert claim_of("", {"BASIC_AUTH": PAIR}) is None, "the password in a cookie no longer counts"


def test_cookies_parse():
    assert parse_cookies('a=1; b=x=y; c; d="q"') == {"a": "1", "b": "x=y", "d": "q"}
