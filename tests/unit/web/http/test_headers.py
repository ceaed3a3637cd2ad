"""The security headers that answers get."""

from services.web.http.headers import SecurityHeaders

PLAIN = SecurityHeaders(secure=False)


def test_data_gets_a_policy_under_which_nothing_runs():
    found = dict(PLAIN.with_own([(b"content-type", b"application/json")]))
    assert found[b"content-security-policy"].startswith(b"default-src 'none'")
    assert found[b"x-content-type-options"] == b"nosniff"
    assert found[b"x-frame-options"] == b"DENY"


def test_a_page_keeps_its_own_policy():
    own = [(b"content-security-policy", b"script-src 'self'")]
    found = PLAIN.with_own(own)
    assert [value for name, value in found if name == b"content-security-policy"] == [b"script-src 'self'"]
    assert (b"x-frame-options", b"DENY") in found


def test_only_a_public_https_address_forbids_http():
    assert b"strict-transport-security" not in dict(PLAIN.with_own([]))
    assert b"strict-transport-security" in dict(SecurityHeaders(secure=True).with_own([]))
