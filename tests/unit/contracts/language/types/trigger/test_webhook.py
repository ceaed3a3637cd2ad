from __future__ import annotations

import pytest

from contracts.language.types.trigger.webhook import Webhook


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "at least 1 character"),
        (" ", "must not be blank"),
        ("\t\n", "must not be blank"),
        ("x" * 257, "at most 256 characters"),
    ],
)
def test_a_key_that_is_blank_or_too_long_is_refused(key, message):
    with pytest.raises(ValueError, match=message):
        Webhook(key=key)


def test_a_key_with_a_character_is_accepted():
    assert Webhook(key=" k ").key == " k "
