"""Texts and values become stored values of a kind."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.stored_value import BadValue, check_key, converted, kind_of, literal, loaded, natural


@pytest.mark.parametrize(
    ("text", "kind", "json"),
    [
        ("hello", "STRING", '"hello"'),
        ("hello world", "STRING", '"hello world"'),
        ('"hello"', "STRING", '"hello"'),
        ('"2024-05-01"', "STRING", '"2024-05-01"'),
        ('"5"', "STRING", '"5"'),
        ("5", "NUMBER", "5"),
        ("-3.140", "NUMBER", "-3.140"),
        ("123456789012345678901234567890", "NUMBER", "123456789012345678901234567890"),
        ("true", "BOOLEAN", "true"),
        ("null", "JSON", "null"),
        ('{"a": 1.50}', "JSON", '{"a": 1.50}'),
        ("[1, 2]", "JSON", "[1, 2]"),
        ("{broken", "STRING", '"{broken"'),
        ("[NaN]", "STRING", '"[NaN]"'),
        ("2024-05-01", "DATE", '"2024-05-01"'),
        ("2024-13-01", "STRING", '"2024-13-01"'),
        ("2024-05-01T10:00:00Z", "DATETIME", '"2024-05-01T10:00:00Z"'),
        ("2024-05-01T12:00:00.5+02:00", "DATETIME", '"2024-05-01T10:00:00.500000Z"'),
        ("2024-05-01T10:00", "STRING", '"2024-05-01T10:00"'),
        ("PT5M", "DURATION", '"PT5M"'),
        ("P1D", "DURATION", '"PT24H"'),
        ("PASTA", "STRING", '"PASTA"'),
        ("", "STRING", '""'),
        ("007", "STRING", '"007"'),
    ],
)
def test_a_text_is_read_as_a_literal(text: str, kind: str, json: str) -> None:
    assert literal(text) == (kind, json)


@pytest.mark.parametrize(
    ("value", "kind", "json"),
    [
        ("5", "NUMBER", "5"),
        (5, "NUMBER", "5"),
        ("5", "STRING", '"5"'),
        (5, "STRING", '"5"'),
        ({"a": 1}, "STRING", '"{\\"a\\":1}"'),
        ("TRUE", "BOOLEAN", "true"),
        (True, "BOOLEAN", "true"),
        ("2024-05-01T10:00:00Z", "DATE", '"2024-05-01"'),
        ("2024-05-01", "DATE", '"2024-05-01"'),
        ("2024-05-01T10:00:00+02:00", "DATETIME", '"2024-05-01T08:00:00Z"'),
        ("PT90S", "DURATION", '"PT1M30S"'),
        ('{"a": 1}', "JSON", '{"a": 1}'),
        ('"text"', "JSON", '"text"'),
        ([1, None], "JSON", "[1,null]"),
        ("null", "JSON", "null"),
    ],
)
def test_a_value_is_converted_to_the_kind_that_is_asked(value: Any, kind: Any, json: str) -> None:
    assert converted(value, kind) == json


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("five", "NUMBER"),
        (True, "NUMBER"),
        ("yes", "BOOLEAN"),
        ("soon", "DATE"),
        ("2024-05-01T10:00:00", "DATETIME"),
        ("5", "DURATION"),
        ("{a", "JSON"),
        ("[" * 200 + "]" * 200, "JSON"),
        (float("nan"), "NUMBER"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(value: Any, kind: Any) -> None:
    with pytest.raises(BadValue, match=rf"{kind}|levels|JSON"):
        converted(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1, "NUMBER"), (1.5, "NUMBER"), (True, "BOOLEAN"), ("PT5M", "STRING"), ([1], "JSON"), (None, "JSON")],
)
def test_a_value_keeps_its_own_kind(value: Any, kind: str) -> None:
    assert kind_of(value) == kind
    assert natural(value)[0] == kind
    assert loaded(natural(value)[1]) == value


def test_integers_keep_their_digits() -> None:
    assert loaded(natural(2**80)[1]) == 2**80


@pytest.mark.parametrize("key", ["", "-a", "a b", "a/b", "ä", "a\n"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(BadValue, match="Key must start with an alphanumeric"):
        check_key(key)


def test_a_key_may_have_dots_and_dashes() -> None:
    assert check_key("a.B-c_9") == "a.B-c_9"
