from __future__ import annotations

import pytest

from contracts.language.types.input.email import parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("a@b.org", "a@b.org"),
    ],
)
def test_an_address_is_accepted(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("a", "The input must be a valid email, but received `a`"),
        ("a@b", "The input must be a valid email, but received `a@b`"),
        ("a b@c.org", "The input must be a valid email, but received `a b@c.org`"),
        ("a@@c.org", "The input must be a valid email, but received `a@@c.org`"),
    ],
)
def test_what_is_no_address_is_refused(given, cause):
    with pytest.raises(ValueError) as refused:
        parse(given)
    assert str(refused.value) == cause


def test_an_address_has_at_most_320_characters():
    assert parse("a" * 314 + "@b.org")
    with pytest.raises(ValueError, match="valid email"):
        parse("a" * 315 + "@b.org")
