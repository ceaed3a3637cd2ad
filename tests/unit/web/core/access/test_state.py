"""Sign-ins and tokens end when they should, on every replica, and nothing brings them back."""

from contracts.access import TokenCreated
from contracts.codec import encode
from services.web.core.access.claim import digest_of
from services.web.core.access.session import Lifetimes, Secrets, replacement, sign_in
from services.web.core.access.state import GRACE_MS, AccessState, Identity, caller_of_token

ME = Identity("a@b.c", "g1")
HOUR = 3_600_000
LIFE = Lifetimes(idle_ms=12 * HOUR, longest_ms=30 * 24 * HOUR)
NOW = 1_800_000_000_000
FRESH = Secrets("s1", "cookie-secret", "mark-secret")


def signed_in(now: int = NOW, secrets: Secrets = FRESH) -> AccessState:
    state = AccessState()
    for record in sign_in(secrets, ME, LIFE, now):
        state.apply(record.key, record)
    return state


def counts(state: AccessState, now: int, secret: str = "cookie-secret", who: Identity = ME) -> bool:
    return state.cookie(digest_of(secret), who, now) is not None


def test_records_hold_no_secret():
    for record in sign_in(FRESH, ME, LIFE, NOW):
        assert b"secret" not in encode(record)


def test_after_a_logout_no_cookie_of_the_sign_in_counts_whatever_arrives_late():
    state = signed_in()
    found = state.cookie(digest_of("cookie-secret"), ME, NOW)
    assert found is not None
    state.apply("sign-in/s1", None)
    assert not counts(state, NOW)
    late = replacement("new", *found, LIFE, NOW + HOUR)  # another replica had not read the end yet
    state.apply(late.key, late)
    assert not counts(state, NOW + HOUR, "new")
    assert late.key in set(state.over(NOW + HOUR + GRACE_MS + 1))


def test_a_new_password_ends_all_sign_ins():
    state = signed_in()
    assert not counts(state, NOW, who=Identity("a@b.c", "g2"))
    assert not counts(state, NOW, who=Identity("other@b.c", "g1"))


def test_a_record_under_the_key_of_another_is_ignored():
    begun, first = sign_in(FRESH, ME, LIFE, NOW)
    state = AccessState()
    state.apply("sign-in/other", begun)
    state.apply("cookie/other", first)
    state.apply("nonsense", None)
    assert state.size() == 0


def a_token(**changes) -> TokenCreated:
    fields = {"id": "t1", "name": "ci", "user": "a@b.c", "digest": digest_of("x"), "scope": "read", "at": NOW}
    return TokenCreated(**{**fields, **changes})


def test_a_token_counts_until_it_expires_or_is_revoked():
    state = AccessState()
    token = a_token(until=NOW + HOUR)
    state.apply(token.key, token)
    assert state.token(digest_of("x"), ME, NOW) == token
    assert caller_of_token(token).read_only
    assert state.token(digest_of("y"), ME, NOW) is None
    assert state.token(digest_of("x"), Identity("other@b.c", "g1"), NOW) is None
    assert state.token(digest_of("x"), ME, NOW + HOUR) is None
    assert state.tokens(ME) == [token], "a list shows why it is refused"
    state.apply(token.key, None)
    assert state.token(digest_of("x"), ME, NOW) is None
    assert state.tokens(ME) == []


def test_a_token_survives_a_new_password_and_may_last():
    state, token = AccessState(), a_token()
    state.apply(token.key, token)
    assert state.token(digest_of("x"), Identity("a@b.c", "g2"), NOW + 10**12) == token


def test_what_is_over_is_swept():
    state = signed_in()
    kept, old = a_token(), a_token(id="t2", digest="d2", until=NOW)
    for token in (kept, old):
        state.apply(token.key, token)
    for key in list(state.over(NOW + 400 * 24 * HOUR)):
        state.apply(key, None)
    assert state.tokens(ME) == [kept]
    assert state.size() == 1
