import pytest

from toccata.runtime.credential import sign_in_problems

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


@pytest.mark.parametrize("password", ["short1A", "alllower1", "ALLUPPER1", "NoDigits", "A1a" * 100])
def test_weak_passwords_are_named(password):
    (problem,) = sign_in_problems("a@b.c", password, LOOPBACK)
    assert problem.startswith("TOCCATA_AUTH_PASSWORD must have")


def test_a_name_that_is_no_address_is_named():
    assert sign_in_problems("admin", "Admin1234!", LOOPBACK) == [
        "TOCCATA_AUTH_USERNAME must be an e-mail address"
    ]
    assert sign_in_problems("admin@kestra.io", "Admin1234!", LOOPBACK) == []


def test_the_documented_password_is_for_loopback_only():
    (problem,) = sign_in_problems("admin@kestra.io", "Admin1234!", EVERYWHERE)
    assert "loopback only" in problem
    assert sign_in_problems("admin@kestra.io", "Other1234!", EVERYWHERE) == []


def test_what_is_missing_is_named():
    assert "TOCCATA_AUTH_PASSWORD must be set" in sign_in_problems("a@b.c", "", LOOPBACK)[0]
    assert "TOCCATA_AUTH_USERNAME and TOCCATA_AUTH_PASSWORD" in sign_in_problems("", "", LOOPBACK)[0]
