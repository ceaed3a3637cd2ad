import pytest

from contracts.language.encrypted import NOT_CONFIGURED, encrypted_value
from contracts.language.types.input.secret import SecretInput
from contracts.language.types.input.string import StringInput
from services.web.core.problem import Problem
from services.web.core.write.given import masked, sealed

DECLARED = (
    SecretInput(id="token", type="SECRET"),
    SecretInput(id="db.password", type="SECRET"),
    StringInput(id="name", type="STRING"),
)


def test_texts_of_secrets_are_encrypted_wherever_they_stand() -> None:
    given = {"token": "a", "db": {"password": 5, "host": "h"}, "name": "a"}
    assert sealed(DECLARED, given, str.upper) == {
        "token": encrypted_value("A"),
        "db": {"password": encrypted_value("5"), "host": "h"},
        "name": "a",
    }
    assert given["db"] == {"password": 5, "host": "h"}
    assert sealed(DECLARED, {"db.password": "x"}, str.upper) == {"db.password": encrypted_value("X")}


def test_what_is_encrypted_already_or_absent_stays() -> None:
    given = {"token": encrypted_value("Q"), "db": "no map", "name": None}
    assert sealed(DECLARED, given, str.lower) == given


def test_without_a_key_only_a_start_with_a_secret_is_refused() -> None:
    assert sealed(DECLARED, {"name": "a"}, None) == {"name": "a"}
    with pytest.raises(Problem) as refused:
        sealed(DECLARED, {"token": "a"}, None)
    assert NOT_CONFIGURED in str(refused.value.detail)


def test_messages_show_no_secret() -> None:
    assert masked("a hunter2 b hunter2", ["hunter2"]) == "a ****** b ******"
