from __future__ import annotations

import pytest

from contracts.language.types.input.uri import parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("https://example.org/a?b", "https://example.org/a?b"),
        ("kestra:///a/b.csv", "kestra:///a/b.csv"),
        ("mailto:a@b", "mailto:a@b"),
    ],
)
def test_a_text_with_a_scheme_is_accepted(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("nothing", "Invalid URI format."),
        ("1a:b", "Invalid URI format."),
        ("a: b", "Invalid URI format."),
        (5, "Invalid URI format."),
    ],
)
def test_what_has_no_scheme_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause
