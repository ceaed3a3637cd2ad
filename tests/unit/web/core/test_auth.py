from itertools import product

import pytest

from services.web.core.access.claim import digest_of
from services.web.core.auth import Asked, Caller, is_open, judge, reads

API = "/api/v1/main"
PASSWORD = Caller("a@b.c", "password")
SESSION = Caller("a@b.c", "session", "s1", csrf_digest=digest_of("mark"))
TOKEN = Caller("a@b.c", "token", "t1")
READER = Caller("a@b.c", "token", "t2", read_only=True)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def test_who_shows_nothing_may_only_use_open_paths():
    assert judge(Asked("GET", f"{API}/flows/search"), None).refusal == "unauthenticated"
    assert judge(Asked("GET", "/ping"), None).refusal is None
    assert is_open(f"{API}/executions/webhook/ns/flow/key")
    assert not is_open("/prometheus")
    assert not is_open("/healthy")
    assert not is_open(f"{API}/executions/search")
    assert not is_open(f"{API}/flows/import")


@pytest.mark.parametrize(("method", "caller"), list(product(METHODS, (PASSWORD, TOKEN))))
def test_a_header_needs_no_mark(method, caller):
    verdict = judge(Asked(method, f"{API}/flows"), caller)
    assert (verdict.caller, verdict.refusal) == (caller, None)


def test_a_session_reads_but_writes_only_with_its_mark():
    assert judge(Asked("GET", f"{API}/flows"), SESSION).refusal is None
    for csrf in ("", "other", digest_of("mark")):
        assert judge(Asked("POST", f"{API}/flows", csrf), SESSION).refusal == "csrf"
    assert judge(Asked("POST", f"{API}/flows", "mark"), SESSION).refusal is None
    without = Caller("a@b.c", "session", "s2")
    assert judge(Asked("POST", f"{API}/flows", ""), without).refusal == "csrf"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{API}/flows"),
        ("PUT", f"{API}/flows/ns/f"),
        ("DELETE", f"{API}/flows/ns/f"),
        ("POST", f"{API}/executions/ns/f"),
        ("POST", f"{API}/executions/x/actions/restart"),
        # These start the flows `validate` and `eval`.
        ("POST", f"{API}/executions/trigger/ns/validate"),
        ("POST", f"{API}/executions/trigger/actions/eval"),
        ("POST", f"{API}/executions/a/b/c/validate"),
        ("POST", f"{API}/flows/validate/"),
    ],
)
def test_a_read_only_token_changes_nothing(method, path):
    assert judge(Asked(method, path), READER).refusal == "read_only"
    assert judge(Asked(method, path), TOKEN).refusal is None


def test_a_read_only_token_may_search_by_post():
    for path in ("flows/validate", "flows/export/by-ids", "executions/latest", "executions/x/actions/eval"):
        assert judge(Asked("POST", f"{API}/{path}"), READER).refusal is None
    assert reads("GET", f"{API}/anything")


def test_a_token_makes_and_ends_no_tokens():
    assert judge(Asked("POST", f"{API}/x/tokens"), TOKEN).refusal == "token"
    assert judge(Asked("DELETE", f"{API}/x/tokens/1"), TOKEN).refusal == "token"
    assert judge(Asked("GET", f"{API}/x/tokens"), TOKEN).refusal is None
    assert judge(Asked("POST", f"{API}/x/tokens"), PASSWORD).refusal is None
