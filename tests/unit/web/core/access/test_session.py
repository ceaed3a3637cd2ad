"""Sign-ins and tokens end when they should, on every replica, and nothing brings them back."""

from services.web.core.access.claim import digest_of
from services.web.core.access.session import Lifetimes, Secrets, is_due, replacement, sign_in
from services.web.core.access.state import GRACE_MS, AccessState, Identity

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


def replaced(state: AccessState, old: str, new: str, now: int) -> None:
    found = state.cookie(digest_of(old), ME, now)
    assert found is not None
    record = replacement(new, *found, LIFE, now)
    state.apply(record.key, record)


def test_a_cookie_counts_until_it_was_idle_too_long():
    state = signed_in()
    assert counts(state, NOW + 12 * HOUR - 1)
    assert not counts(state, NOW + 12 * HOUR)
    assert not counts(state, NOW, "another")


def test_a_sign_in_ends_however_active_the_person_is():
    state, now, secret = signed_in(), NOW, "cookie-secret"
    while counts(state, now, secret):
        replaced(state, secret, fresh := f"c{now}", now)
        secret, now = fresh, now + 6 * HOUR
    assert now == NOW + LIFE.longest_ms


def test_a_cookie_is_replaced_once_by_requests_at_the_same_time():
    state, later = signed_in(), NOW + 4 * HOUR
    found = state.cookie(digest_of("cookie-secret"), ME, later)
    assert found is not None
    assert not is_due(state, found[1], LIFE, NOW + HOUR)
    assert is_due(state, found[1], LIFE, later)
    replaced(state, "cookie-secret", "second", later)
    assert not is_due(state, found[1], LIFE, later + 1)
    assert counts(state, later + 1), "requests that are on their way still enter"
    assert is_due(state, found[1], LIFE, later + GRACE_MS + 1), (
        "the answer with the new cookie may have been lost"
    )


def test_the_old_cookie_ends_when_the_new_one_is_used_after_its_time_of_grace():
    state, later = signed_in(), NOW + 4 * HOUR
    replaced(state, "cookie-secret", "second", later)
    found = state.cookie(digest_of("second"), ME, later)
    assert found is not None
    assert state.predecessor_to_end(found[1], later + GRACE_MS) is None
    ended = state.predecessor_to_end(found[1], later + GRACE_MS + 1)
    assert ended is not None
    state.apply(ended, None)
    assert not counts(state, later + GRACE_MS + 1)
    assert counts(state, later + GRACE_MS + 1, "second")
    assert state.predecessor_to_end(found[1], later + GRACE_MS + 1) is None
