from base64 import b64encode

import pytest

from services.web.core.auth import Credentials, is_open, judge, parse_cookies

KNOWN = Credentials.of("a@b.c", "Secret123")
TOKEN = b64encode(b"a@b.c:Secret123").decode()
COOKIES = {"BASIC_AUTH": TOKEN, "XSRF-TOKEN": "t"}


def test_the_right_header_is_granted_for_every_method():
    assert judge(KNOWN, "DELETE", f"Basic {TOKEN}", {}, "") == "granted"
    assert judge(KNOWN, "GET", f"basic {TOKEN}", {}, "") == "granted"


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", f"Bearer {TOKEN}", "Basic " + b64encode(b"a@b.c:no").decode()]
)
def test_everything_else_is_not(header):
    assert judge(KNOWN, "GET", header, {}, "") == "unauthenticated"


def test_a_wrong_header_is_not_saved_by_a_cookie():
    assert judge(KNOWN, "GET", "Basic wrong", COOKIES, "t") == "unauthenticated"


def test_a_cookie_reads_but_writes_only_with_the_matching_header():
    assert judge(KNOWN, "GET", "", COOKIES, "") == "granted"
    assert judge(KNOWN, "POST", "", COOKIES, "") == "csrf"
    assert judge(KNOWN, "POST", "", COOKIES, "other") == "csrf"
    assert judge(KNOWN, "POST", "", COOKIES, "t") == "granted"


def test_an_empty_token_never_matches_an_absent_cookie():
    assert judge(KNOWN, "POST", "", {"BASIC_AUTH": TOKEN}, "") == "csrf"


def test_only_sign_in_status_and_webhooks_are_open():
    assert is_open("/api/v1/main/executions/webhook/ns/flow/key")
    assert is_open("/ping")
    assert not is_open("/prometheus")
    assert not is_open("/healthy")
    assert not is_open("/api/v1/main/executions/search")
    assert not is_open("/api/v1/main/flows/import")


def test_cookies_parse():
    assert parse_cookies("a=1; b=x=y; c") == {"a": "1", "b": "x=y"}
