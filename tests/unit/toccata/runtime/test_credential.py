import pytest

from toccata.runtime.credential import is_guessable, password_problem, sign_in_problems
from toccata.runtime.password import (
    generation_of,
    hash_password,
    is_hash,
    is_password,
    made_password,
)

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
STRONG = "Strong-Enough-1"


@pytest.mark.parametrize("password", ["short1A", "alllower1", "ALLUPPER1", "NoDigits-", "A1" + "a" * 255])
def test_a_badly_formed_password_is_refused_everywhere(password):
    (problem,) = sign_in_problems("a@b.c", password, LOOPBACK)
    assert problem.startswith("TOCCATA_AUTH_PASSWORD must have")


def test_the_name_must_be_an_email_address():
    for name in ("admin", "@", "a:b@c.d"):
        assert sign_in_problems(name, STRONG, LOOPBACK) == ["TOCCATA_AUTH_USERNAME must be an e-mail address"]


@pytest.mark.parametrize(
    "password",
    ["Admin1234!", "Admin1234", "Admin12345!", "aDMIN1234!", "P@ssw0rd1", "Kestra2026!", "Toccata2026", "Qwerty123", "Me-smith1"],
)  # fmt: skip
def test_a_well_known_password_and_its_variants_are_refused_off_loopback(password):
    assert sign_in_problems("smith@example.org", password, LOOPBACK) == []
    (problem,) = sign_in_problems("smith@example.org", password, EVERYWHERE)
    assert "easy to guess" in problem
    assert "TOCCATA_WEB_HOST=127.0.0.1" in problem


@pytest.mark.parametrize("password", [STRONG, "Choose-1-yourself", "xK7-pQ2m-vB9w", "Aa1" + "ü?" * 120])
def test_a_good_password_is_taken_everywhere(password):
    assert sign_in_problems("a@b.c", password, EVERYWHERE) == []


def test_what_is_missing_is_named():
    assert "TOCCATA_AUTH_PASSWORD must be set" in sign_in_problems("a@b.c", "", LOOPBACK)[0]
    assert "TOCCATA_AUTH_USERNAME and TOCCATA_AUTH_PASSWORD" in sign_in_problems("", "", LOOPBACK)[0]


def test_a_hash_stands_for_the_password():
    kept = hash_password(STRONG)
    assert STRONG not in kept
    assert sign_in_problems("a@b.c", "", EVERYWHERE, kept) == []
    assert is_password(STRONG, kept)
    assert not is_password(STRONG + "x", kept)
    assert "keep one" in sign_in_problems("a@b.c", STRONG, LOOPBACK, kept)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Secret-123",
        "$2b$12$KIXxPfI0z6nJ9tQy1l3X8e",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0",
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0",
        "$argon2id$v=19$m=4194304,t=50,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0",
    ],
)
def test_what_is_no_usable_hash_is_refused(text):
    assert not is_hash(text)
    assert "toccata password hash" in sign_in_problems("a@b.c", "", LOOPBACK, text)[0]
    assert not is_password("Secret-123", "Secret-123")


def test_a_made_password_is_taken_everywhere_and_never_the_same():
    made = {made_password() for _ in range(50)}
    assert len(made) == 50
    assert not any(password_problem("admin@kestra.io", each, is_reachable=True) for each in list(made)[:5])


def test_replicas_agree_on_the_generation_and_it_changes_with_the_password():
    assert generation_of("a@b.c", STRONG, "") == generation_of("a@b.c", STRONG, "")
    assert len({generation_of("a@b.c", f"{STRONG}{n}", "") for n in range(4)}) == 4
    assert generation_of("a@b.c", "", "$x") != generation_of("a@b.c", "", "$y")


def test_the_own_name_makes_a_password_weak():
    assert is_guessable("katharina.zyxwvut@example.org", "Zyxwvut-1")
