"""Filters that encode."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{'a': [1, true, null], 'b': null} | toJson", '{"a":[1,true,null]}'),
        ("'a\"b' | json", '"a\\"b"'),
        ("null | toJson", "null"),
        ("{'b': 1, 'a': [1, 2]} | yaml", "b: 1\na:\n - 1\n - 2\n"),
        ("'größe' | yaml", "größe\n"),
        ("'größe' | base64encode", "Z3LDtsOfZQ=="),
        ("'Z3LDtsOfZQ==' | base64decode", "größe"),
        ("'a b&c/é*-._~' | urlencode", "a+b%26c%2F%C3%A9*-._%7E"),
        ("'a+b%26c%2F%C3%A9' | urldecode", "a b&c/é"),
        ("'abc' | md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("'abc' | sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("'abc' | sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("'abc' | sha512 | slice(0, 16)", "ddaf35a193617aba"),
    ],
)
def test_filters(expression: str, expected: str) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize("name", ["yaml", "base64encode", "base64decode", "urlencode", "urldecode", "md5"])
def test_null_stays_null(name: str) -> None:
    assert value_of(f"null | {name}") is None


@pytest.mark.parametrize("text", ["abc", "not base64!", "/w=="])
def test_what_is_no_base64_of_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="not base64 of UTF-8 text"):
        value_of("text | base64decode", text=text)


def test_what_was_encoded_can_be_decoded() -> None:
    text = "line 1\nline 2 é ☃"
    assert value_of("text | base64encode | base64decode", text=text) == text
    assert value_of("text | urlencode | urldecode", text=text) == text
    assert value_of("fromJson({'a': text} | toJson).a", text=text) == text
