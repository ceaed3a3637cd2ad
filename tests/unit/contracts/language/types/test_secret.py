"""Secret properties: nobody sees them, and whoever runs the task knows what to mask."""

from __future__ import annotations

import pytest

from contracts.language.flow.binding import NotBound, bind, slots
from contracts.language.types.property import Properties, dynamic, static
from contracts.language.types.secret import Secret, secret_texts


class Inner(Properties):
    key: Secret = static(doc="a key")


class SignIn(Properties):
    password: Secret = dynamic(doc="a password")
    more: list[Inner] = dynamic([], doc="others")
    by_name: dict[str, Secret] = dynamic({}, doc="named ones")
    count: int = dynamic(0, doc="no secret")


def test_a_secret_does_not_print_itself() -> None:
    bound = bind(SignIn, {"password": "hunter2"}, lambda value: value)
    assert "hunter2" not in f"{bound} {bound!r} {bound.model_dump_json()}"
    assert bound.password.get_secret_value() == "hunter2"  # type: ignore[attr-defined]


def test_a_password_of_digits_or_with_spaces_is_kept_as_written() -> None:
    assert list(secret_texts(bind(SignIn, {"password": 123456}, lambda value: value))) == ["123456"]
    assert list(secret_texts(bind(SignIn, {"password": " a b "}, lambda value: value))) == [" a b "]


def test_all_secrets_of_a_model_are_found() -> None:
    written = {"password": "one", "more": [{"key": "two"}, {"key": ""}], "byName": {"x": "three"}}
    assert list(secret_texts(bind(SignIn, written, lambda value: value))) == ["one", "two", "three"]


@pytest.mark.parametrize(
    "written", [{"password": ["hunter2"]}, {"password": "x", "more": [{"key": ["hunter2"]}]}]
)
def test_the_error_of_a_secret_does_not_show_what_was_given(written: dict[str, object]) -> None:
    with pytest.raises(NotBound) as caught:
        bind(SignIn, written, lambda value: value)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(NotBound, match="given: 'many'"):
        bind(SignIn, {"password": "x", "count": "many"}, lambda value: value)


def test_the_schema_says_password() -> None:
    assert SignIn.model_json_schema()["properties"]["password"]["format"] == "password"


def test_only_what_may_hold_a_secret_is_hidden() -> None:
    assert {slot.name: slot.secret for slot in slots(SignIn)} == {
        "password": True, "more": True, "byName": True, "count": False,
    }  # fmt: skip
